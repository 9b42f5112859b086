package dev.tunesmith.core.chart

import java.awt.Color
import kotlin.math.abs

private const val SIZE = 3.6
private const val NEAR = 7.0
private const val SIGN_WIDTH = 14.0
private const val SIGN_GAP = 8.0

/** So many runs have a row each; were there more, nobody could tell whose mark is whose. */
private const val ROWS_MOST = 4

/**
 * Whose marks are drawn, from the upper row to the lower one: every run's where these are few, else in a single row
 * those of the run that the pointer is next to or, without a pointer, of the open one.
 */
internal fun markedCurves(state: ChartState): List<Curve> {
    val curves = state.model.curves
    val marked = curves.filter { it.marks.isNotEmpty() }
    if (marked.size <= ROWS_MOST) return marked
    val wanted = listOfNotNull(state.shared.pointed, state.shared.open)
    return listOf(wanted.firstNotNullOfOrNull { run -> curves.find { it.runId == run } } ?: marked.first())
}

/** The rows of marks below the plot. The shape says what happened, the colour, also before its row, in which run. */
internal fun markShapes(state: ChartState, layout: ChartLayout, theme: ChartTheme): List<Shape> =
    markedCurves(state).flatMapIndexed { number, curve ->
        val (axis, y) = state.shared.xAxis to layout.lane(number)
        val marks = if (curve.isOn(axis)) row(curve, y, layout, axis, theme) else emptyList()
        if (state.model.curves.size > 1) marks + rowSign(curve, y, layout, theme) else marks
    }

/** The line of the run as it is drawn in the plot. */
private fun rowSign(curve: Curve, y: Double, layout: ChartLayout, theme: ChartTheme): Shape {
    val unit = layout.canvas.unit
    val end = layout.plot.x - SIGN_GAP * unit
    return Line(end - SIGN_WIDTH * unit, y, end, y, theme.color(curve.slot), 2.5 * unit, theme.dash(curve.slot))
}

/** Of marks of a kind that would touch each other the first is drawn. */
private fun row(curve: Curve, y: Double, layout: ChartLayout, axis: XAxis, theme: ChartTheme): List<Shape> {
    val shapes = ArrayList<Shape>()
    val unit = layout.canvas.unit
    for (kind in MarkKind.entries) {
        var last = Double.NEGATIVE_INFINITY
        for (mark in curve.marks) {
            if (mark.kind != kind) continue
            val x = layout.pixelX(curve.x(axis, mark.step, mark.seconds))
            if (x < layout.plot.x - 1 || x > layout.plot.right + 1 || abs(x - last) < NEAR * unit) continue
            shapes += markShape(kind, x, y, theme.color(curve.slot), theme.background, unit)
            last = x
        }
    }
    return shapes
}

/** The sign of a kind around a place; [unit]: see [Canvas]. */
internal fun markShape(kind: MarkKind, x: Double, y: Double, color: Color, background: Color, unit: Double): Shape {
    val size = SIZE * unit
    val more = size + 0.4 * unit
    return when (kind) {
        MarkKind.CHECKPOINT -> {
            val half = size - 0.4 * unit
            RoundBox(Rect(x - half, y - half, 2 * half, 2 * half), 1.5 * unit, color)
        }

        MarkKind.EVALUATION -> Circle(x, y, size - unit, background, color, 1.4 * unit)

        MarkKind.WARNING -> triangle(x, y, up = true, fill = color, stroke = null, size = more)

        MarkKind.MEMORY_STEP_DOWN -> triangle(x, y, up = false, fill = color, stroke = null, size = more)

        MarkKind.RESUMED -> {
            val tip = size + 0.8 * unit
            Polygon(doubleArrayOf(x, x + tip, x, x - tip), doubleArrayOf(y - tip, y, y + tip, y), color)
        }
    }
}

/** The marks of a curve that stand under a place of the plot. */
internal fun marksAt(curve: Curve, layout: ChartLayout, axis: XAxis, x: Double): List<Mark> {
    if (!curve.isOn(axis)) return emptyList()
    val pixel = layout.pixelX(x)
    val reach = (NEAR / 2 + 1) * layout.canvas.unit
    return curve.marks.filter { abs(layout.pixelX(curve.x(axis, it.step, it.seconds)) - pixel) < reach }
}
