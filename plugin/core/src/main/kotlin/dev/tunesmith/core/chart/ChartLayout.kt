package dev.tunesmith.core.chart

import dev.tunesmith.core.swing.scaleOf
import java.time.ZoneId
import kotlin.math.ceil

/** How wide a text is drawn, in pixels. */
internal fun interface TextMeasure {
    fun width(text: String, style: TextStyle): Double

    /** [text], cut at its end where it would be wider than [room]. */
    fun fitted(text: String, style: TextStyle, room: Double): String {
        if (width(text, style) <= room) return text
        var end = text.length
        while (end > 1 && width(text.take(end) + "…", style) > room) end--
        return text.take(end) + "…"
    }
}

/**
 * The space there is: size in pixels, device pixels to a pixel, height of the normal font. All other sizes follow the
 * font: they are given for the usual one.
 */
internal data class Canvas(
    val width: Double,
    val height: Double,
    val scale: Double = 1.0,
    val fontSize: Double = 13.0,
    val measure: TextMeasure,
) {
    /** How large a pixel of the usual size is here. */
    val unit: Double = scaleOf(fontSize)

    fun size(style: TextStyle): Double = style.sizeIn(fontSize)
}

/** The height of the letters of this style, where the normal font has [fontSize]. */
internal fun TextStyle.sizeIn(fontSize: Double): Double = fontSize - smaller * scaleOf(fontSize)

private const val TICK_GAP = 8.0
private const val TICK_ROOM = 70.0
private const val TICK_BETWEEN = 10.0
private const val RIGHT = 14.0
private const val LANE = 10.0
private const val LANE_ROOM = 4.0

/** Where everything of one chart stands, and how places on the axes become pixels. */
internal class ChartLayout private constructor(
    val canvas: Canvas,
    val plot: Rect,
    val x: LinearAxis,
    val y: Axis,
    val xTicks: List<Tick>,
    val yTicks: List<Tick>,
    /** How many lanes of marks there are below the plot. */
    val lanes: Int,
) {
    fun pixelX(x: Double): Double = plot.x + this.x.fraction(x) * plot.width

    fun pixelY(value: Double): Double = plot.bottom - y.fraction(value) * plot.height

    fun xAt(pixel: Double): Double = x.valueAt((pixel - plot.x) / plot.width)

    fun valueAt(pixel: Double): Double = y.valueAt((plot.bottom - pixel) / plot.height)

    val tickBaseline: Double
        get() = plot.bottom + lanesHeight(lanes) * canvas.unit + canvas.size(TextStyle.SMALL) + 3.0 * canvas.unit

    /** The middle of a lane, the uppermost is 0. */
    fun lane(number: Int): Double = plot.bottom + (LANE_ROOM + (number + 0.5) * LANE) * canvas.unit

    companion object {
        fun of(state: ChartState, canvas: Canvas, zone: ZoneId): ChartLayout {
            val shared = state.shared
            val xRange = usable(shared.x) ?: fitX(state.model, shared.xAxis)
            val fitted = usable(state.y)?.takeIf { shared.yScale == YScale.LINEAR || it.from > 0.0 }
            val yRange = fitted ?: fitY(state.model, shared.xAxis, xRange, shared.yScale)
            val small = canvas.size(TextStyle.SMALL)
            val lanes = markedCurves(state).size
            val top = ceil(canvas.fontSize * 2.2)
            val bottom = canvas.height - ceil(small + (lanesHeight(lanes) + 9.0) * canvas.unit)
            val height = maxOf(1.0, bottom - top)
            val yTicks = yTicks(shared.yScale, yRange, maxOf(2, (height / (small * 3.2)).toInt()))
            val labels = yTicks.maxOfOrNull { canvas.measure.width(it.label, TextStyle.SMALL) } ?: 0.0
            val left = ceil(labels + 2 * TICK_GAP * canvas.unit)
            val plot = Rect(left, top, maxOf(1.0, canvas.width - left - RIGHT * canvas.unit), height)
            val xTicks = xTicks(shared.xAxis, xRange, canvas, plot.width, zone)
            return ChartLayout(canvas, plot, LinearAxis(xRange), axis(shared.yScale, yRange), xTicks, yTicks, lanes)
        }

        private fun lanesHeight(lanes: Int): Double = LANE_ROOM + lanes * LANE

        private fun usable(range: Interval?): Interval? = range?.takeIf { it.length > 0.0 && !it.length.isInfinite() }

        private fun yTicks(scale: YScale, range: Interval, most: Int): List<Tick> = if (scale ==
            YScale.LOG
        ) {
            logTicks(range, most, ::tickWords)
        } else {
            linearTicks(range, most, words = ::tickWords)
        }

        /** As many ticks as fit beside each other: fewer are tried until none touches the next. */
        private fun xTicks(axis: XAxis, range: Interval, canvas: Canvas, width: Double, zone: ZoneId): List<Tick> {
            var most = maxOf(2, (width / (TICK_ROOM * canvas.unit)).toInt())
            while (true) {
                val ticks = when (axis) {
                    XAxis.STEP -> linearTicks(range, most, whole = true, words = ::stepTickWords)
                    XAxis.EPOCH -> linearTicks(range, most, words = ::tickWords)
                    XAxis.RELATIVE_TIME -> durationTicks(range, most)
                    XAxis.WALL_TIME -> wallTicks(range, most, zone)
                }
                if (most <= 1 || fits(ticks, range, canvas, width)) return ticks
                most--
            }
        }

        private fun fits(ticks: List<Tick>, range: Interval, canvas: Canvas, width: Double): Boolean {
            val widths = ticks.map { canvas.measure.width(it.label, TextStyle.SMALL) }
            val places = ticks.map { (it.value - range.from) / range.length * width }
            val between = TICK_BETWEEN * canvas.unit
            return (1 until ticks.size).all {
                places[it] - places[it - 1] >= (widths[it] + widths[it - 1]) / 2 + between
            }
        }
    }
}
