package dev.tunesmith.core.chart

import java.awt.Color

private const val LINE = 1.6
private const val RAW_ALPHA = 84
private const val SIGN = 4.0
private const val GUIDES_MOST = 40

/** The shapes of one curve inside the plot. */
internal class CurveShapes(
    private val curve: Curve,
    private val layout: ChartLayout,
    private val axis: XAxis,
    private val theme: ChartTheme,
) {
    val run: String get() = curve.runId
    private val unit = layout.canvas.unit
    private val color = theme.color(curve.slot)
    private val dash = theme.dash(curve.slot)
    private val columns = Columns.of(curve, layout, axis)
    private val raw = trace(curve, RawSource(curve.data), columns, layout, axis)

    /** The values, pale behind their smoothed averages where there are any. */
    fun lines(): List<Shape> {
        val smoothed = curve.smoothed ?: return pieces(raw, color, dash)
        val line = trace(curve, SmoothedSource(smoothed), columns, layout, axis)
        return pieces(raw, Color(color.red, color.green, color.blue, RAW_ALPHA), Dash.SOLID) + pieces(line, color, dash)
    }

    /** At the edges of the plot, where values have no place in it. */
    fun signs(): List<Shape> = raw.strange.map(::sign)

    private fun pieces(trace: Trace, color: Color, dash: Dash): List<Shape> = trace.pieces.map { piece ->
        when {
            piece.isLine && piece.size == 1 -> Circle(piece.lefts[0], piece.tops[0], 2.2 * unit, color)
            piece.isLine -> Polyline(piece.lefts, piece.tops, color, LINE * unit, dash)
            else -> bars(piece, color)
        }
    }

    /** Each entry as a bar as wide as it reaches, at least a line thick: a spike of one pixel is seen up to its tip. */
    private fun bars(piece: Piece, color: Color): Bars {
        val tops = piece.tops.copyOf()
        val bottoms = piece.bottoms.copyOf()
        for (i in tops.indices) {
            val missing = LINE * unit - (bottoms[i] - tops[i])
            if (missing > 0.0) {
                tops[i] -= missing / 2
                bottoms[i] += missing / 2
            }
        }
        return Bars(piece.lefts, piece.rights, tops, bottoms, color)
    }

    private fun sign(strange: Strange): Shape {
        val plot = layout.plot
        val size = SIGN * unit
        val top = plot.y + size + 2
        val bottom = plot.bottom - size - 2
        val (x, empty) = strange.x to theme.background
        return when (strange.kind) {
            StrangeKind.NAN -> cross(x, top, color, size)
            StrangeKind.PLUS_INFINITY -> triangle(x, top, up = true, fill = color, stroke = null, size)
            StrangeKind.MINUS_INFINITY -> triangle(x, bottom, up = false, fill = color, stroke = null, size)
            StrangeKind.NOT_POSITIVE -> triangle(x, bottom, up = false, fill = empty, stroke = color, size)
        }
    }

    /** Faint lines at what may have changed the curve, where there are few enough to be of use. */
    fun guides(): List<Shape> {
        val guided = curve.marks.filter { it.kind in GUIDED }
        if (guided.size > GUIDES_MOST || !curve.isOn(axis)) return emptyList()
        return guided.map { mark ->
            val x = layout.pixelX(curve.x(axis, mark.step, mark.seconds))
            Line(
                x,
                layout.plot.y,
                x,
                layout.plot.bottom,
                Color(color.red, color.green, color.blue, 110),
                1.0,
                Dash.DOTTED,
            )
        }
    }

    fun best(): List<Shape> {
        val best = curve.best ?: return emptyList()
        if (!curve.isOn(axis) || !best.value.isFinite()) return emptyList()
        val x = layout.pixelX(curve.x(axis, best.step, best.seconds))
        val y = layout.pixelY(best.value)
        if (!layout.plot.contains(x, y)) return emptyList()
        return listOf(Circle(x, y, 5.0 * unit, theme.background, color, 2.0 * unit), Circle(x, y, 1.8 * unit, color))
    }

    private companion object {
        val GUIDED = setOf(MarkKind.WARNING, MarkKind.MEMORY_STEP_DOWN, MarkKind.RESUMED)
    }
}

internal fun cross(x: Double, y: Double, color: Color, size: Double): Shape {
    val a = size * 0.35
    val b = size
    return Polygon(
        doubleArrayOf(x - b, x - b + a, x, x + b - a, x + b, x + a, x + b, x + b - a, x, x - b + a, x - b, x - a),
        doubleArrayOf(y - b + a, y - b, y - a, y - b, y - b + a, y, y + b - a, y + b, y + a, y + b, y + b - a, y),
        color,
    )
}

internal fun triangle(x: Double, y: Double, up: Boolean, fill: Color?, stroke: Color?, size: Double): Shape {
    val tip = if (up) y - size else y + size
    val base = if (up) y + size * 0.8 else y - size * 0.8
    return Polygon(doubleArrayOf(x, x + size, x - size), doubleArrayOf(tip, base, base), fill, stroke, 1.3)
}
