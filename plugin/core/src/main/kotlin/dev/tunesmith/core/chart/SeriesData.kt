package dev.tunesmith.core.chart

/**
 * One series, immutable: entries by rising step and time, each a value or the summary of several neighbouring values.
 *
 * Values are kept exactly, times to a microsecond. Extents of any stretch cost some hundred operations, however long
 * it is, because every 64 and every 4096 entries their least and greatest value are known.
 */
public class SeriesData internal constructor(
    private val chunks: Array<Chunk>,
    public val size: Int,
    /** The same object as long as entries were only added. */
    internal val lineage: Any,
) {
    public val isEmpty: Boolean get() = size == 0

    public fun step(index: Int): Long = chunks[index / CHUNK].steps.at(index % CHUNK)

    /** Seconds since the run began. */
    public fun seconds(index: Int): Double = micros(index) / 1e6

    /** The value, or the mean of those that the entry stands for; NaN where none of them is finite. */
    public fun value(index: Int): Double = chunks[index / CHUNK].values.value(index % CHUNK)

    public fun low(index: Int): Double = chunks[index / CHUNK].values.low(index % CHUNK)

    public fun high(index: Int): Double = chunks[index / CHUNK].values.high(index % CHUNK)

    /** How many values the entry stands for. */
    public fun count(index: Int): Int = chunks[index / CHUNK].values.count(index % CHUNK)

    internal fun micros(index: Int): Long = chunks[index / CHUNK].times.at(index % CHUNK)

    internal fun extend(into: Extent, from: Int, to: Int) {
        var at = from
        while (at < to) {
            val chunk = at / CHUNK
            val end = minOf(to, (chunk + 1) * CHUNK)
            chunks[chunk].extend(into, at - chunk * CHUNK, end - chunk * CHUNK)
            at = end
        }
    }

    internal fun extent(from: Int = 0, to: Int = size): Extent = Extent().also { extend(it, from, to) }

    /** Calls [use] with the values and counts of [from] until [to], faster than one by one. */
    internal inline fun eachValue(from: Int, to: Int, use: (value: Double, count: Int) -> Unit) {
        var at = from
        while (at < to) {
            val start = at / CHUNK * CHUNK
            val values = valuesAt(at)
            val end = minOf(to, start + CHUNK)
            while (at < end) {
                use(values.value(at - start), values.count(at - start))
                at++
            }
        }
    }

    internal fun valuesAt(index: Int): ValueColumn = chunks[index / CHUNK].values

    /** The first entry whose step is at least [step]; [size] if there is none. */
    public fun firstAtStep(step: Double): Int = firstWhere { index -> step(index) >= step }

    /** The first entry that is at least [seconds] after the run began; [size] if there is none. */
    public fun firstAtSeconds(seconds: Double): Int {
        val micros = seconds * 1e6
        return firstWhere { index -> micros(index) >= micros }
    }

    private inline fun firstWhere(reached: (Int) -> Boolean): Int {
        var low = 0
        var high = size
        while (low < high) {
            val middle = (low + high) ushr 1
            if (reached(middle)) high = middle else low = middle + 1
        }
        return low
    }

    public companion object {
        public val EMPTY: SeriesData = SeriesData(emptyArray(), 0, Any())
    }
}
