package dev.tunesmith.core.chart

import kotlin.math.pow

/**
 * The exponential moving average of a series without its start-up bias: each value is a mean whose weights add up to 1.
 *
 * [keep] (0 to below 1) is the weight of what came before. Values that are not finite are passed over. Only the state
 * at every 64th entry is stored; what lies between is worked out again when asked for.
 * Source: Kingma and Ba 2015, arXiv:1412.6980, section 3.
 */
public class Smoothed private constructor(
    public val data: SeriesData,
    public val keep: Double,
    private val states: States,
) {
    /** Weighted sum and weight before each whole block, and the extent of the averages in it; shared by what continues it. */
    private class States(capacity: Int) {
        var sum = DoubleArray(capacity)
        var weight = DoubleArray(capacity)
        var low = DoubleArray(capacity)
        var high = DoubleArray(capacity)
        var used = 0

        fun add(sum: Double, weight: Double, low: Double, high: Double) {
            if (used == this.sum.size) {
                val size = maxOf(16, used * 2)
                this.sum = this.sum.copyOf(size)
                this.weight = this.weight.copyOf(size)
                this.low = this.low.copyOf(size)
                this.high = this.high.copyOf(size)
            }
            this.sum[used] = sum
            this.weight[used] = weight
            this.low[used] = low
            this.high[used] = high
            used++
        }

        fun copy(blocks: Int): States {
            val copy = States(maxOf(16, blocks * 2))
            for (i in 0 until blocks) copy.add(sum[i], weight[i], low[i], high[i])
            return copy
        }
    }

    private val blocks: Int = data.size / BLOCK

    /** The average at an entry; NaN before the first finite value. */
    public fun value(index: Int): Double {
        var found = Double.NaN
        each(index / BLOCK, index / BLOCK * BLOCK, index + 1) { at, average -> if (at == index) found = average }
        return found
    }

    /** Adds the extent of the averages of entries [from] until [to]. */
    internal fun extend(into: Extent, from: Int, to: Int) {
        var at = from
        while (at < to) {
            val block = at / BLOCK
            val end = (block + 1) * BLOCK
            if (at == block * BLOCK && end <= to && block < blocks) {
                if (states.low[block] <= states.high[block]) {
                    into.add(states.low[block])
                    into.add(states.high[block])
                }
            } else {
                each(block, at, minOf(to, end)) { _, average -> if (!average.isNaN()) into.add(average) }
            }
            at = end
        }
    }

    /** Calls [use] with entry and average from [from] on; all of them lie in [block]. */
    private inline fun each(block: Int, from: Int, to: Int, use: (Int, Double) -> Unit) {
        val state = start(block)
        var at = block * BLOCK
        data.eachValue(at, to) { value, count ->
            state.take(value, count, keep)
            if (at >= from) use(at, state.average)
            at++
        }
    }

    private fun start(block: Int): Average = if (block <
        states.used
    ) {
        Average(states.sum[block], states.weight[block])
    } else {
        endOf(block - 1)
    }

    private fun endOf(block: Int): Average {
        if (block < 0) return Average(0.0, 0.0)
        val state = Average(states.sum[block], states.weight[block])
        data.eachValue(block * BLOCK, minOf((block + 1) * BLOCK, data.size)) { value, count ->
            state.take(value, count, keep)
        }
        return state
    }

    /** The same average of a series that has grown; only what is new is worked on, unless an older part has changed. */
    public fun extendedTo(data: SeriesData): Smoothed {
        if (data === this.data) return this
        if (data.lineage !== this.data.lineage || data.size < this.data.size) return of(data, keep)
        val states = if (states.used == blocks) states else states.copy(blocks)
        return filled(data, keep, states, endOf(blocks - 1))
    }

    private class Average(var sum: Double, var weight: Double) {
        val average: Double get() = if (weight > 0.0) sum / weight else Double.NaN

        fun take(value: Double, count: Int, keep: Double) {
            if (value - value != 0.0) return
            val kept = if (count == 1) keep else keep.pow(count)
            sum = kept * sum + (1.0 - kept) * value
            weight = kept * weight + (1.0 - kept)
        }
    }

    public companion object {
        /** Works through the whole series: some 50 ms for ten million values, so not on the UI thread. */
        public fun of(data: SeriesData, keep: Double): Smoothed {
            require(keep >= 0.0 && keep < 1.0) { "keep must be at least 0 and below 1, found $keep" }
            return filled(data, keep, States(maxOf(16, data.size / BLOCK)), Average(0.0, 0.0))
        }

        private fun filled(data: SeriesData, keep: Double, states: States, start: Average): Smoothed {
            for (block in states.used until data.size / BLOCK) {
                val sum = start.sum
                val weight = start.weight
                var low = Double.POSITIVE_INFINITY
                var high = Double.NEGATIVE_INFINITY
                data.eachValue(block * BLOCK, (block + 1) * BLOCK) { value, count ->
                    start.take(value, count, keep)
                    val average = start.average
                    if (average < low) low = average
                    if (average > high) high = average
                }
                states.add(sum, weight, low, high)
            }
            return Smoothed(data, keep, states)
        }
    }
}
