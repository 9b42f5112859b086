package dev.tunesmith.core.chart

import dev.tunesmith.core.protocol.Block
import dev.tunesmith.core.protocol.Mark
import dev.tunesmith.core.protocol.MarkShape
import dev.tunesmith.core.protocol.Panel
import java.awt.Dimension
import kotlin.math.abs
import kotlin.math.ceil
import kotlin.math.floor
import kotlin.math.roundToInt

/** A mark of a panel; [slot] chooses its colour, null for what the others are compared with. */
internal class DrawnMark(val mark: Mark, val slot: Int?) {
    /** The points that have a place. */
    val points: List<Int> = (0 until minOf(mark.x.size, mark.y.size)).filter { isPlaced(it) }

    fun isPlaced(at: Int): Boolean = mark.x[at].isFinite() && mark.y[at].isFinite()
}

/** One entry of a legend, and where it stands. */
internal class LegendEntry(val drawn: DrawnMark, val label: String, val x: Double, val baseline: Double)

/** The panels of a chart in rows of [columns], each of this [size]. */
internal fun panelLayouts(block: Block, columns: Int, size: Dimension, canvas: Canvas): List<PanelLayout> {
    val pad = PAD * canvas.unit
    return block.panels.mapIndexed { at, panel ->
        val (x, y) = at % columns * size.width to at / columns * size.height
        PanelLayout(panel, Rect(x + pad, y + pad / 2, size.width - 2 * pad, size.height - pad), canvas)
    }
}

private const val PAD = 12.0

/** Where everything of one panel stands in [box], and how places on the axes become pixels. */
internal class PanelLayout(val panel: Panel, val box: Rect, val canvas: Canvas) {
    private val unit = canvas.unit
    private val small = canvas.size(TextStyle.SMALL)
    val marks: List<DrawnMark> = slots(panel.marks.filter { it.shape in MarkShape.ALL })
    val titleBase: Double = box.y + canvas.fontSize * 1.2
    private val legendTop = if (panel.title.isEmpty()) box.y else titleBase + 4 * unit
    val legend: List<LegendEntry> = legend()

    /** How many marks have a label for which there is no room. */
    val unnamed: Int = labelled().size - legend.size
    val yLabelBase: Double = (legend.lastOrNull()?.baseline ?: legendTop) + small * 1.7
    val xLabelBase: Double = box.bottom - 4 * unit
    val tickBase: Double = xLabelBase - small * 1.5

    private val top = yLabelBase + small * 0.8
    private val bottom = tickBase - small - 3 * unit
    val y: LinearAxis
    val yTicks: List<Tick>
    val x: LinearAxis
    val xTicks: List<Tick>
    val plot: Rect

    init {
        val height = maxOf(1.0, bottom - top)
        val (yRange, yTicks) = ticks(range(isX = false), 'y' in panel.unit, maxOf(2, (height / (small * 3)).toInt()))
        y = LinearAxis(yRange)
        this.yTicks = yTicks
        val left = box.x + ceil(yTicks.maxOf { canvas.measure.width(it.label, TextStyle.SMALL) } + GAP * unit)
        val right = box.right - RIGHT * unit
        plot = Rect(left, top, maxOf(1.0, right - left), height)
        val (xRange, xTicks) = fittingTicks(range(isX = true), 'x' in panel.unit)
        x = LinearAxis(xRange)
        this.xTicks = xTicks
    }

    fun pixelX(value: Double): Double = plot.x + x.fraction(value) * plot.width

    fun pixelY(value: Double): Double = plot.bottom - y.fraction(value) * plot.height

    /** What a mark reaches along an axis; bars stand on 0 and are as wide as they say. */
    private fun range(isX: Boolean): Interval {
        val extent = Extent()
        for (drawn in marks) {
            val isBar = drawn.mark.shape == MarkShape.BARS
            for (at in drawn.points) {
                extent.add(if (isX) drawn.mark.x[at] else drawn.mark.y[at])
                if (isBar) extent.add(if (isX) drawn.mark.x[at] + drawn.mark.width else 0.0)
            }
        }
        if (extent.isEmpty) return Interval(0.0, 1.0)
        if (extent.high > extent.low) return Interval(extent.low, extent.high)
        val room = if (extent.low == 0.0) 1.0 else abs(extent.low) * 0.1
        return Interval(extent.low - room, extent.high + room)
    }

    /** Round numbers, the first and the last at the ends of the axis. */
    private fun ticks(range: Interval, isUnit: Boolean, most: Int): Pair<Interval, List<Tick>> {
        val reach = if (isUnit) Interval(0.0, 1.0) else range
        val distance = niceDistance(reach.length / most)
        val ends = Interval(
            floor(reach.from / distance + NEAR) * distance,
            ceil(reach.to / distance - NEAR) * distance,
        )
        if (!ends.length.isFinite() || ends.length <= 0.0) return reach to endTicks(reach)
        val found = linearTicks(ends, (ends.length / distance).roundToInt(), words = ::tickWords)
        return if (found.size < 2) reach to endTicks(reach) else ends to found
    }

    /** For an axis that is longer or shorter than numbers can be told apart. */
    private fun endTicks(range: Interval) = listOf(range.from, range.to).map { Tick(it, valueWords(it, 3)) }

    private fun fittingTicks(range: Interval, isUnit: Boolean): Pair<Interval, List<Tick>> {
        var most = maxOf(2, (plot.width / (TICK_ROOM * unit)).toInt())
        while (true) {
            val found = ticks(range, isUnit, most)
            val widths = found.second.map { canvas.measure.width(it.label, TextStyle.SMALL) }
            val apart = plot.width / maxOf(1, found.second.size - 1)
            if (most == 1 || apart >= (widths.maxOrNull() ?: 0.0) + TICK_BETWEEN * unit) return found
            most--
        }
    }

    private fun labelled() = marks.filter { it.mark.label.isNotEmpty() }

    /** As many labels as fit in a few lines. */
    private fun legend(): List<LegendEntry> {
        val found = ArrayList<LegendEntry>()
        val all = labelled()
        if (all.isEmpty()) return found
        var (x, line) = box.x to 0
        val right = box.right - RIGHT * unit
        val rest = canvas.measure.width("+${all.size}", TextStyle.SMALL)
        for (drawn in all) {
            val label = canvas.measure.fitted(drawn.mark.label, TextStyle.SMALL, (right - box.x) * LABEL_SHARE)
            val width = SIGN * unit + canvas.measure.width(label, TextStyle.SMALL)
            val end = if (line == LEGEND_LINES - 1 && drawn !== all.last()) right - rest else right
            if (x + width > end && x > box.x) {
                x = box.x
                line++
            }
            if (line == LEGEND_LINES) return found
            found += LegendEntry(drawn, label, x, legendTop + small * (1.2 + 1.6 * line))
            x += width + BETWEEN * unit
        }
        return found
    }

    internal companion object {
        /** From the beginning of a sign in a legend to its words. */
        const val SIGN = 19.0
        private const val GAP = 8.0
        private const val RIGHT = 14.0
        private const val BETWEEN = 14.0
        private const val TICK_ROOM = 60.0
        private const val TICK_BETWEEN = 10.0
        private const val LEGEND_LINES = 3
        private const val LABEL_SHARE = 0.6
        private const val NEAR = 1e-9

        private fun slots(marks: List<Mark>): List<DrawnMark> {
            var next = 0
            return marks.map { DrawnMark(it, if (it.reference) null else next++) }
        }
    }
}
