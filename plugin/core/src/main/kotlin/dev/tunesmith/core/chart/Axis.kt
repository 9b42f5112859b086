package dev.tunesmith.core.chart

import kotlin.math.exp
import kotlin.math.ln

/** Where a value stands between the ends of an axis. */
internal sealed interface Axis {
    val range: Interval

    /** 0 at the start of the range, 1 at its end. Anything goes in; what has no place gives NaN. */
    fun fraction(value: Double): Double

    fun valueAt(fraction: Double): Double
}

internal class LinearAxis(override val range: Interval) : Axis {
    override fun fraction(value: Double): Double = (value - range.from) / range.length

    override fun valueAt(fraction: Double): Double = range.from + fraction * range.length
}

/** Both ends must be above 0; what is not has no place on it. */
internal class LogAxis(override val range: Interval) : Axis {
    private val from = ln(range.from)
    private val length = ln(range.to) - from

    override fun fraction(value: Double): Double = if (value > 0.0) (ln(value) - from) / length else Double.NaN

    override fun valueAt(fraction: Double): Double = exp(from + fraction * length)
}

internal fun axis(scale: YScale, range: Interval): Axis = if (scale == YScale.LOG) LogAxis(range) else LinearAxis(range)
