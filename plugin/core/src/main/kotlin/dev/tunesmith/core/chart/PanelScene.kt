package dev.tunesmith.core.chart

import dev.tunesmith.core.protocol.MarkShape
import java.awt.Color

private const val LINE = 1.6
private const val REFERENCE = 1.2
private const val DOT = 2.2
private const val FEW = 20
private const val CLOUD_ALPHA = 120
private const val BAR_ALPHA = 170

/** A pair of axes with its marks, as a report has them. */
internal fun panelShapes(layout: PanelLayout, theme: ChartTheme): List<Shape> {
    val unit = layout.canvas.unit
    val box = layout.box
    val measure = layout.canvas.measure
    val shapes = ArrayList<Shape>()
    fun text(x: Double, y: Double, words: String, style: TextStyle, color: Color, anchor: Anchor = Anchor.START) {
        if (words.isNotEmpty()) shapes += Text(x, y, measure.fitted(words, style, box.width), style, color, anchor)
    }
    text(box.x, layout.titleBase, layout.panel.title, TextStyle.TITLE, theme.text)
    for (entry in layout.legend) shapes += legendShapes(entry, layout, theme)
    if (layout.unnamed > 0) {
        val last = layout.legend.last()
        text(box.right, last.baseline, "+${layout.unnamed}", TextStyle.SMALL, theme.quiet, Anchor.END)
    }
    text(box.x, layout.yLabelBase, layout.panel.yLabel, TextStyle.SMALL, theme.quiet)
    text(layout.plot.right, layout.xLabelBase, layout.panel.xLabel, TextStyle.SMALL, theme.quiet, Anchor.END)
    shapes += panelGrid(layout, theme)
    val room = 3 * unit // a point at the end of an axis is seen as a whole
    val plot = layout.plot
    val clip = Rect(plot.x - room, plot.y - room, plot.width + 2 * room, plot.height + 2 * room)
    shapes += Clipped(clip, layout.marks.flatMap { markShapes(it, layout, theme) })
    return shapes
}

private fun panelGrid(layout: PanelLayout, theme: ChartTheme): List<Shape> {
    val plot = layout.plot
    val unit = layout.canvas.unit
    val shapes = ArrayList<Shape>()
    for (tick in layout.yTicks) {
        val y = layout.pixelY(tick.value)
        shapes += Line(plot.x, y, plot.right, y, theme.grid)
        val base = y + layout.canvas.size(TextStyle.SMALL) * 0.36
        shapes += Text(plot.x - 6 * unit, base, tick.label, TextStyle.SMALL, theme.quiet, Anchor.END)
    }
    for (tick in layout.xTicks) {
        val x = layout.pixelX(tick.value)
        shapes += Line(x, plot.y, x, plot.bottom, theme.grid)
        shapes += Text(x, layout.tickBase, tick.label, TextStyle.SMALL, theme.quiet, Anchor.MIDDLE)
    }
    shapes += Line(plot.x, plot.bottom, plot.right, plot.bottom, theme.axis)
    return shapes
}

private fun colorOf(drawn: DrawnMark, theme: ChartTheme): Color = drawn.slot?.let(theme::color) ?: theme.quiet

private fun dashOf(drawn: DrawnMark, theme: ChartTheme): Dash = drawn.slot?.let(theme::dash) ?: Dash.DASHED

private fun widthOf(drawn: DrawnMark): Double = if (drawn.slot == null) REFERENCE else LINE

private fun pale(color: Color, alpha: Int) = Color(color.red, color.green, color.blue, alpha)

private fun markShapes(drawn: DrawnMark, layout: PanelLayout, theme: ChartTheme): List<Shape> {
    val unit = layout.canvas.unit
    val color = colorOf(drawn, theme)
    val mark = drawn.mark
    fun dots(color: Color) =
        drawn.points.map { Circle(layout.pixelX(mark.x[it]), layout.pixelY(mark.y[it]), DOT * unit, color) }
    return when (mark.shape) {
        MarkShape.POINTS -> dots(pale(color, CLOUD_ALPHA))

        MarkShape.BARS -> bars(drawn, layout, pale(color, BAR_ALPHA))

        else -> {
            val isStep = mark.shape == MarkShape.STEP
            val lines = pieces(drawn).filter { it.size > 1 }.map { piece ->
                val (xs, ys) = corners(piece, drawn, layout, isStep)
                Polyline(xs, ys, color, widthOf(drawn) * unit, dashOf(drawn, theme))
            }
            val isDotted = drawn.slot != null && !isStep && drawn.points.size <= FEW
            lines + if (isDotted || lines.isEmpty()) dots(color) else emptyList()
        }
    }
}

/** Runs of points beside each other; a line does not go across one that has no place. */
private fun pieces(drawn: DrawnMark): List<List<Int>> {
    val found = ArrayList<MutableList<Int>>()
    for (at in drawn.points) {
        if (found.lastOrNull()?.last() == at - 1) found.last() += at else found += mutableListOf(at)
    }
    return found
}

/** The corners of a line in pixels; of a staircase, each value of which holds up to its x. */
private fun corners(
    piece: List<Int>,
    drawn: DrawnMark,
    layout: PanelLayout,
    isStep: Boolean,
): Pair<DoubleArray, DoubleArray> {
    val xs = piece.map { layout.pixelX(drawn.mark.x[it]) }
    val ys = piece.map { layout.pixelY(drawn.mark.y[it]) }
    if (!isStep) return xs.toDoubleArray() to ys.toDoubleArray()
    val stairsX = listOf(xs[0]) + (1 until xs.size).flatMap { listOf(xs[it - 1], xs[it]) }
    val stairsY = listOf(ys[0]) + (1 until ys.size).flatMap { listOf(ys[it], ys[it]) }
    return stairsX.toDoubleArray() to stairsY.toDoubleArray()
}

/** Each from 0 to its value, with a gap before the next. */
private fun bars(drawn: DrawnMark, layout: PanelLayout, color: Color): List<Shape> {
    val ground = layout.pixelY(0.0)
    return drawn.points.map { at ->
        val (left, right) = drawn.mark.x[at].let { layout.pixelX(it) to layout.pixelX(it + drawn.mark.width) }
        val y = layout.pixelY(drawn.mark.y[at])
        val (top, height) = minOf(y, ground) to kotlin.math.abs(ground - y)
        val gap = if (right - left > 3) layout.canvas.unit else 0.0
        RoundBox(Rect(left, top, maxOf(1.0, right - left - gap), height), 0.0, color)
    }
}

private fun legendShapes(entry: LegendEntry, layout: PanelLayout, theme: ChartTheme): List<Shape> {
    val unit = layout.canvas.unit
    val color = colorOf(entry.drawn, theme)
    val middle = entry.baseline - layout.canvas.size(TextStyle.SMALL) * 0.36
    val sign = when (entry.drawn.mark.shape) {
        MarkShape.POINTS -> Circle(entry.x + 7 * unit, middle, 2 * DOT * unit, pale(color, CLOUD_ALPHA))

        MarkShape.BARS -> RoundBox(
            Rect(entry.x + 2 * unit, middle - 5 * unit, 10 * unit, 10 * unit),
            unit,
            pale(color, BAR_ALPHA),
        )

        else -> Line(entry.x, middle, entry.x + 14 * unit, middle, color, 2 * unit, dashOf(entry.drawn, theme))
    }
    val words = entry.x + PanelLayout.SIGN * unit
    return listOf(sign, Text(words, entry.baseline, entry.label, TextStyle.SMALL, theme.text))
}
