package dev.tunesmith.core.chart

/** What lies in a stretch of a series: the least, greatest and least positive finite value, and which others there are. */
internal class Extent {
    var low: Double = Double.POSITIVE_INFINITY
        private set
    var high: Double = Double.NEGATIVE_INFINITY
        private set
    var lowPositive: Double = Double.POSITIVE_INFINITY
        private set

    /** Any of [NAN], [PLUS_INFINITY] and [MINUS_INFINITY]. */
    var strange: Int = 0
        private set

    val isEmpty: Boolean get() = low > high

    fun clear() {
        low = Double.POSITIVE_INFINITY
        high = Double.NEGATIVE_INFINITY
        lowPositive = Double.POSITIVE_INFINITY
        strange = 0
    }

    fun add(value: Double) {
        if (value - value != 0.0) {
            strange = strange or strangeness(value)
            return
        }
        if (value < low) low = value
        if (value > high) high = value
        if (value > 0.0 && value < lowPositive) lowPositive = value
    }

    /** Takes in a stretch that is known only by its own extent; [low] above [high] means that it has no finite value. */
    fun add(low: Double, high: Double, lowPositive: Double, strange: Int) {
        if (low < this.low) this.low = low
        if (high > this.high) this.high = high
        if (lowPositive < this.lowPositive) this.lowPositive = lowPositive
        this.strange = this.strange or strange
    }

    companion object {
        const val NAN: Int = 1
        const val PLUS_INFINITY: Int = 2
        const val MINUS_INFINITY: Int = 4

        /** Which of the three flags a value that is not finite has; 0 for a finite one. */
        fun strangeness(value: Double): Int = when {
            value.isNaN() -> NAN
            value == Double.POSITIVE_INFINITY -> PLUS_INFINITY
            value == Double.NEGATIVE_INFINITY -> MINUS_INFINITY
            else -> 0
        }
    }
}
