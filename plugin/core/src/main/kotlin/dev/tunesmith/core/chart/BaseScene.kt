package dev.tunesmith.core.chart

import dev.tunesmith.core.Words
import java.awt.Color

/** Everything of a chart but what follows the pointer. */
internal fun baseScene(state: ChartState, layout: ChartLayout, theme: ChartTheme, words: Words): Scene {
    val shapes = ArrayList<Shape>()
    val axis = state.shared.xAxis
    val curves = state.model.curves.map { CurveShapes(it, layout, axis, theme) }
    shapes += grid(layout, theme)
    shapes += heading(state.model, layout, theme)
    val marked = markedCurves(state).mapTo(HashSet()) { it.runId }
    val guides = curves.filter { it.run in marked }.flatMap { it.guides() }
    shapes += Clipped(layout.plot, guides + curves.flatMap { it.lines() })
    shapes += curves.flatMap { it.signs() + it.best() }
    shapes += Line(layout.plot.x, layout.plot.bottom, layout.plot.right, layout.plot.bottom, theme.axis)
    shapes += markShapes(state, layout, theme)
    shapes += xLabels(layout, theme, words(axisKey(axis)))
    if (state.model.curves.none { it.isOn(axis) }) {
        val empty = if (state.model.curves.all { it.data.isEmpty }) "chart.empty" else "chart.no-epochs"
        shapes +=
            Text(
                layout.plot.x + layout.plot.width / 2,
                layout.plot.y + layout.plot.height / 2,
                words(empty),
                TextStyle.LABEL,
                theme.quiet,
                Anchor.MIDDLE,
            )
    }
    return Scene(layout.canvas.width, layout.canvas.height, theme.background, shapes)
}

internal fun axisKey(axis: XAxis): String = when (axis) {
    XAxis.STEP -> "chart.axis.step"
    XAxis.EPOCH -> "chart.axis.epoch"
    XAxis.RELATIVE_TIME -> "chart.axis.relative-time"
    XAxis.WALL_TIME -> "chart.axis.wall-time"
}

private fun grid(layout: ChartLayout, theme: ChartTheme): List<Shape> {
    val plot = layout.plot
    val shapes = ArrayList<Shape>()
    for (tick in layout.yTicks) {
        val y = layout.pixelY(tick.value)
        if (y < plot.y - 0.5 || y > plot.bottom + 0.5) continue
        val line = if (tick.label.isEmpty()) faint(theme) else theme.grid
        shapes += Line(plot.x, y, plot.right, y, line)
        if (tick.label.isNotEmpty()) {
            shapes +=
                Text(
                    plot.x - 8 * layout.canvas.unit,
                    y + layout.canvas.size(TextStyle.SMALL) * 0.36,
                    tick.label,
                    TextStyle.SMALL,
                    theme.quiet,
                    Anchor.END,
                )
        }
    }
    for (tick in layout.xTicks) {
        val x = layout.pixelX(tick.value)
        shapes += Line(x, plot.y, x, plot.bottom, faint(theme))
    }
    return shapes
}

private fun faint(theme: ChartTheme) = Color(theme.grid.red, theme.grid.green, theme.grid.blue, 120)

/** The numbers below, and at the right what they count; a number that would touch it is left out. */
private fun xLabels(layout: ChartLayout, theme: ChartTheme, name: String): List<Shape> {
    val measure = layout.canvas.measure
    val plot = layout.plot
    val nameLeft = plot.right - measure.width(name, TextStyle.SMALL)
    val shapes = ArrayList<Shape>()
    shapes += Text(plot.right, layout.tickBaseline, name, TextStyle.SMALL, theme.quiet, Anchor.END)
    for (tick in layout.xTicks) {
        val half = measure.width(tick.label, TextStyle.SMALL) / 2
        val x = layout.pixelX(tick.value)
        if (x + half + 8 * layout.canvas.unit < nameLeft) {
            shapes += Text(x, layout.tickBaseline, tick.label, TextStyle.SMALL, theme.quiet, Anchor.MIDDLE)
        }
    }
    return shapes
}

/** The metric at the left, at the right as many of the runs' names as there is room for. */
private fun heading(model: ChartModel, layout: ChartLayout, theme: ChartTheme): List<Shape> {
    val measure = layout.canvas.measure
    val unit = layout.canvas.unit
    val base = layout.canvas.fontSize * 1.45
    val shapes = ArrayList<Shape>()
    shapes += Text(12.0 * unit, base, model.metric, TextStyle.TITLE, theme.text)
    val left = 36.0 * unit + measure.width(model.metric, TextStyle.TITLE)
    val right = layout.plot.right + 6 * unit
    val shown = model.curves.filter { !it.data.isEmpty }
    if (shown.size < 2) return shapes
    val widths = shown.map { measure.width(it.name, TextStyle.SMALL) + LEGEND_ROOM * unit }
    var fitting = shown.size
    fun width(): Double = widths.take(fitting).sum() +
        if (fitting < shown.size) measure.width("+${shown.size - fitting}", TextStyle.SMALL) else 0.0
    while (fitting > 0 && width() > right - left) fitting--
    var x = right - width()
    for ((curve, width) in shown.zip(widths).take(fitting)) {
        val y = base - layout.canvas.size(TextStyle.SMALL) * 0.36
        shapes += Line(x, y, x + 14 * unit, y, theme.color(curve.slot), 2.5 * unit, theme.dash(curve.slot))
        shapes += Text(x + 19 * unit, base, curve.name, TextStyle.SMALL, theme.quiet)
        x += width
    }
    if (fitting <
        shown.size
    ) {
        shapes += Text(right, base, "+${shown.size - fitting}", TextStyle.SMALL, theme.quiet, Anchor.END)
    }
    return shapes
}

private const val LEGEND_ROOM = 19.0 + 14.0
