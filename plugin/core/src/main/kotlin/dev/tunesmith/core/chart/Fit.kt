package dev.tunesmith.core.chart

import kotlin.math.abs
import kotlin.math.exp
import kotlin.math.ln

private const val MARGIN = 0.05

/** All of the horizontal axis that any curve reaches; 0 to 1 where there is none. */
internal fun fitX(model: ChartModel, axis: XAxis): Interval {
    val shown = model.curves.filter { it.isOn(axis) }
    if (shown.isEmpty()) return Interval(0.0, 1.0)
    val from = shown.minOf { it.x(axis, 0) }
    val to = shown.maxOf { it.endX(axis) }
    return if (to > from) Interval(from, to) else Interval(from - 0.5, from + 0.5)
}

/** The values between two places on the horizontal axis with some room around them; all of them, so no spike is cut. */
internal fun fitY(model: ChartModel, axis: XAxis, x: Interval, scale: YScale): Interval {
    val extent = Extent()
    for (curve in model.curves) {
        if (!curve.isOn(axis)) continue
        val from = maxOf(0, curve.firstAt(axis, x.from) - 1)
        val to = minOf(curve.data.size, curve.firstAt(axis, x.to) + 1)
        curve.data.extend(extent, from, to)
    }
    return if (scale == YScale.LOG) logFit(extent) else linearFit(extent)
}

private fun linearFit(extent: Extent): Interval {
    if (extent.isEmpty) return Interval(0.0, 1.0)
    val half = extent.high / 2 - extent.low / 2
    if (half == 0.0) {
        val room = if (extent.low == 0.0) 1.0 else abs(extent.low) * 0.1
        return Interval(extent.low - room, extent.low + room)
    }
    val room = 2 * half * MARGIN
    val limit = Double.MAX_VALUE / 4 // beyond it the length of the interval would overflow
    return Interval((extent.low - room).coerceAtLeast(-limit), (extent.high + room).coerceAtMost(limit))
}

private fun logFit(extent: Extent): Interval {
    if (extent.lowPositive.isInfinite()) return Interval(0.1, 1.0)
    val from = ln(extent.lowPositive)
    val to = ln(extent.high)
    val room = if (to > from) (to - from) * MARGIN else ln(2.0)
    return Interval(exp(from - room).coerceAtLeast(Double.MIN_VALUE), exp(to + room).coerceAtMost(Double.MAX_VALUE / 4))
}
