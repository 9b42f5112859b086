package dev.tunesmith.core.chart

import java.awt.Color
import kotlin.math.abs

private const val SIZE = 3.6
private const val NEAR = 7.0

/** The lanes of marks below the plot, one a run. The shape says what happened, the colour in which run. */
internal fun markShapes(model: ChartModel, layout: ChartLayout, axis: XAxis, theme: ChartTheme): List<Shape> {
    val shapes = ArrayList<Shape>()
    val marked = model.curves.filter { it.marks.isNotEmpty() }
    for ((number, curve) in marked.withIndex()) {
        if (!curve.isOn(axis)) continue
        val lane = layout.lane(number)
        for (kind in MarkKind.entries) {
            var last = Double.NEGATIVE_INFINITY
            for (mark in curve.marks) {
                if (mark.kind != kind) continue
                val x = layout.pixelX(curve.x(axis, mark.step, mark.seconds))
                if (x < layout.plot.x - 1 || x > layout.plot.right + 1 || abs(x - last) < NEAR) continue
                shapes += markShape(kind, x, lane, theme.color(curve.slot), theme.background)
                last = x
            }
        }
    }
    return shapes
}

internal fun markShape(kind: MarkKind, x: Double, y: Double, color: Color, background: Color): Shape = when (kind) {
    MarkKind.CHECKPOINT -> RoundBox(Rect(x - SIZE + 0.4, y - SIZE + 0.4, 2 * SIZE - 0.8, 2 * SIZE - 0.8), 1.5, color)

    MarkKind.EVALUATION -> Circle(x, y, SIZE - 1.0, background, color, 1.4)

    MarkKind.WARNING -> triangle(x, y, up = true, fill = color, stroke = null, size = SIZE + 0.4)

    MarkKind.MEMORY_STEP_DOWN -> triangle(x, y, up = false, fill = color, stroke = null, size = SIZE + 0.4)

    MarkKind.RESUMED -> Polygon(
        doubleArrayOf(x, x + SIZE + 0.8, x, x - SIZE - 0.8),
        doubleArrayOf(y - SIZE - 0.8, y, y + SIZE + 0.8, y),
        color,
    )
}

/** The marks that stand under a place of the plot, those of each curve in its order. */
internal fun marksAt(curve: Curve, layout: ChartLayout, axis: XAxis, x: Double): List<Mark> {
    if (!curve.isOn(axis)) return emptyList()
    val pixel = layout.pixelX(x)
    return curve.marks.filter { abs(layout.pixelX(curve.x(axis, it.step, it.seconds)) - pixel) < NEAR / 2 + 1 }
}
