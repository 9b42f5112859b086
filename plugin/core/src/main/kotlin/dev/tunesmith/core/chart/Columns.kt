package dev.tunesmith.core.chart

/*
 * The columns of one chunk of a series. A column only ever grows: what was written stays, so a snapshot that knows how
 * many entries it may read shares the arrays with the builder. `put` returns the column to go on with: itself, or a
 * larger or wider copy.
 */

internal const val BLOCK: Int = 64
internal const val SUPER_BLOCK: Int = BLOCK * BLOCK
internal const val CHUNK: Int = SUPER_BLOCK * 16
private const val FIRST_CAPACITY = 64

/** The capacity of an array that is to take an entry at [index] and some more. */
private fun capacityFor(index: Int): Int = maxOf(FIRST_CAPACITY, minOf(CHUNK, index * 2))

/** Training steps, rising. */
internal sealed interface StepColumn {
    fun at(index: Int): Long

    fun put(index: Int, step: Long): StepColumn

    fun copy(): StepColumn
}

/** Steps at equal distances need no array; nearly every series is like that. */
internal class EvenSteps(private val first: Long, private val stride: Long) : StepColumn {
    override fun at(index: Int): Long = first + stride * index

    override fun put(index: Int, step: Long): StepColumn = when {
        index == 0 -> EvenSteps(step, 0)

        index == 1 -> EvenSteps(first, step - first)

        at(index) == step -> this

        else -> ListedSteps(
            LongArray(capacityFor(index)).also {
                for (i in 0 until index) it[i] = at(i)
            },
        ).put(index, step)
    }

    override fun copy(): StepColumn = this
}

internal class ListedSteps(private val steps: LongArray) : StepColumn {
    override fun at(index: Int): Long = steps[index]

    override fun put(index: Int, step: Long): StepColumn {
        val column = if (index < steps.size) this else ListedSteps(steps.copyOf(capacityFor(index)))
        column.steps[index] = step
        return column
    }

    override fun copy(): StepColumn = ListedSteps(steps.copyOf())
}

/** Whole microseconds since the run began, rising. */
internal sealed interface TimeColumn {
    fun at(index: Int): Long

    fun put(index: Int, micros: Long): TimeColumn

    fun copy(): TimeColumn
}

internal class ShortTimes(private val base: Long, private val offsets: IntArray) : TimeColumn {
    override fun at(index: Int): Long = base + offsets[index]

    override fun put(index: Int, micros: Long): TimeColumn {
        if (index == 0) return ShortTimes(micros, IntArray(FIRST_CAPACITY))
        val offset = micros - base
        if (offset > Int.MAX_VALUE) {
            return LongTimes(
                LongArray(capacityFor(index)).also {
                    for (i in 0 until index) it[i] = at(i)
                },
            ).put(index, micros)
        }
        val column = if (index < offsets.size) this else ShortTimes(base, offsets.copyOf(capacityFor(index)))
        column.offsets[index] = offset.toInt()
        return column
    }

    override fun copy(): TimeColumn = ShortTimes(base, offsets.copyOf())
}

internal class LongTimes(private val micros: LongArray) : TimeColumn {
    override fun at(index: Int): Long = micros[index]

    override fun put(index: Int, micros: Long): TimeColumn {
        val column = if (index < this.micros.size) this else LongTimes(this.micros.copyOf(capacityFor(index)))
        column.micros[index] = micros
        return column
    }

    override fun copy(): TimeColumn = LongTimes(micros.copyOf())
}

/** One entry: a value, or the summary of [count] neighbours of which [value] is the mean. */
internal class Entry(val low: Double, val value: Double, val high: Double, val count: Int, val strange: Int) {
    val isSingle: Boolean get() = count == 1 && strange == 0 && low == high
}

/** What was measured. */
internal sealed interface ValueColumn {
    fun low(index: Int): Double

    fun value(index: Int): Double

    fun high(index: Int): Double

    fun count(index: Int): Int

    fun extend(into: Extent, from: Int, to: Int)

    fun put(index: Int, value: Double): ValueColumn

    fun put(index: Int, entry: Entry): ValueColumn {
        if (entry.isSingle) return put(index, entry.value)
        val wide = Summaries(capacityFor(index))
        for (i in 0 until index) wide.put(i, Entry(low(i), value(i), high(i), count(i), 0))
        return wide.put(index, entry)
    }

    fun copy(): ValueColumn
}

/** Losses come from float32 tensors: as long as each value is exactly a float, half the memory will do. */
internal class FloatValues(private val values: FloatArray) : ValueColumn {
    override fun low(index: Int): Double = value(index)

    override fun value(index: Int): Double = values[index].toDouble()

    override fun high(index: Int): Double = value(index)

    override fun count(index: Int): Int = 1

    override fun extend(into: Extent, from: Int, to: Int) {
        for (i in from until to) into.add(values[i].toDouble())
    }

    override fun put(index: Int, value: Double): ValueColumn {
        if (value == value && value.toFloat().toDouble() != value) {
            return DoubleValues(
                DoubleArray(capacityFor(index)).also {
                    for (i in 0 until index) it[i] = value(i)
                },
            ).put(index, value)
        }
        val column = if (index < values.size) this else FloatValues(values.copyOf(capacityFor(index)))
        column.values[index] = value.toFloat()
        return column
    }

    override fun copy(): ValueColumn = FloatValues(values.copyOf())
}

internal class DoubleValues(private val values: DoubleArray) : ValueColumn {
    override fun low(index: Int): Double = values[index]

    override fun value(index: Int): Double = values[index]

    override fun high(index: Int): Double = values[index]

    override fun count(index: Int): Int = 1

    override fun extend(into: Extent, from: Int, to: Int) {
        for (i in from until to) into.add(values[i])
    }

    override fun put(index: Int, value: Double): ValueColumn {
        val column = if (index < values.size) this else DoubleValues(values.copyOf(capacityFor(index)))
        column.values[index] = value
        return column
    }

    override fun copy(): ValueColumn = DoubleValues(values.copyOf())
}

/** Entries that stand for several values each, as the server sends of long series. */
internal class Summaries private constructor(
    private val lows: DoubleArray,
    private val means: DoubleArray,
    private val highs: DoubleArray,
    private val counts: IntArray,
    private val strange: ByteArray,
) : ValueColumn {
    constructor(capacity: Int) :
        this(
            DoubleArray(capacity),
            DoubleArray(capacity),
            DoubleArray(capacity),
            IntArray(capacity),
            ByteArray(capacity),
        )

    override fun low(index: Int): Double = lows[index]

    override fun value(index: Int): Double = means[index]

    override fun high(index: Int): Double = highs[index]

    override fun count(index: Int): Int = counts[index]

    override fun extend(into: Extent, from: Int, to: Int) {
        for (i in from until to) {
            into.add(lows[i])
            into.add(highs[i])
            into.add(Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, strange[i].toInt())
        }
    }

    override fun put(index: Int, value: Double): ValueColumn = put(index, Entry(value, value, value, 1, 0))

    override fun put(index: Int, entry: Entry): ValueColumn {
        if (index >= lows.size) {
            val size = capacityFor(index)
            return Summaries(
                lows.copyOf(size),
                means.copyOf(size),
                highs.copyOf(size),
                counts.copyOf(size),
                strange.copyOf(size),
            ).put(index, entry)
        }
        lows[index] = entry.low
        means[index] = entry.value
        highs[index] = entry.high
        counts[index] = entry.count
        strange[index] = entry.strange.toByte()
        return this
    }

    override fun copy(): ValueColumn =
        Summaries(lows.copyOf(), means.copyOf(), highs.copyOf(), counts.copyOf(), strange.copyOf())
}
