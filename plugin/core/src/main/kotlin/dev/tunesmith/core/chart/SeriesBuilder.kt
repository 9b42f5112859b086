package dev.tunesmith.core.chart

import kotlin.math.roundToLong

/** Several neighbouring values in one: their least, mean and greatest finite one, how many, and what else there is. */
public data class Summary(
    val step: Long,
    val seconds: Double,
    val low: Double,
    val mean: Double,
    val high: Double,
    val count: Int,
    val hasNan: Boolean = false,
    val hasPlusInfinity: Boolean = false,
    val hasMinusInfinity: Boolean = false,
)

/**
 * Collects a series as it comes. Not for several threads at once; the snapshots are.
 *
 * A step that goes back means that a run was resumed from a checkpoint: what lay at or after it no longer holds.
 */
public class SeriesBuilder {
    private val full = ArrayList<Chunk>()
    private var tail = Chunk.empty()
    private var tailSize = 0
    private var lineage = Any()

    public val size: Int get() = full.size * CHUNK + tailSize

    public fun append(step: Long, seconds: Double, value: Double) {
        append(step, seconds, Entry(value, value, value, 1, Extent.strangeness(value)))
    }

    /** Adds a summary of several values, with NaN as low, mean and high where none of them is finite. */
    public fun append(summary: Summary) {
        val strange = (if (summary.hasNan) Extent.NAN else 0) or
            (if (summary.hasPlusInfinity) Extent.PLUS_INFINITY else 0) or
            (if (summary.hasMinusInfinity) Extent.MINUS_INFINITY else 0)
        val entry = Entry(summary.low, summary.mean, summary.high, maxOf(1, summary.count), strange)
        append(summary.step, summary.seconds, entry)
    }

    private fun append(step: Long, seconds: Double, entry: Entry) {
        val last = lastIndexBefore(step)
        if (last < size - 1) cut(last + 1)
        val micros = maxOf((seconds * 1e6).roundToLong(), if (last >= 0) micros(last) else Long.MIN_VALUE)
        tail = tail.with(tailSize, step, micros, entry)
        tailSize++
        if (tailSize == CHUNK) {
            full += tail
            tail = Chunk.empty()
            tailSize = 0
        }
    }

    /** Forgets every entry after [step]. */
    public fun cutAfter(step: Long) {
        val keep = snapshot().firstAtStep(step + 1.0)
        if (keep < size) cut(keep)
    }

    public fun snapshot(): SeriesData {
        val chunks = if (tailSize ==
            0
        ) {
            full.toTypedArray()
        } else {
            Array(full.size + 1) { if (it < full.size) full[it] else tail }
        }
        return SeriesData(chunks, size, lineage)
    }

    private fun lastIndexBefore(step: Long): Int {
        val last = size - 1
        if (last < 0 || step(last) <= step) return last
        return snapshot().firstAtStep(step.toDouble()) - 1
    }

    private fun step(index: Int): Long = chunk(index).steps.at(index % CHUNK)

    private fun micros(index: Int): Long = chunk(index).times.at(index % CHUNK)

    private fun chunk(index: Int): Chunk = if (index / CHUNK < full.size) full[index / CHUNK] else tail

    /** Older snapshots go on reading what is cut off, so what stays is copied before it grows again. */
    private fun cut(keep: Int) {
        val chunk = keep / CHUNK
        tail = if (keep % CHUNK == 0) Chunk.empty() else (if (chunk < full.size) full[chunk] else tail).copy()
        while (full.size > chunk) full.removeAt(full.lastIndex)
        tailSize = keep % CHUNK
        lineage = Any()
    }
}
