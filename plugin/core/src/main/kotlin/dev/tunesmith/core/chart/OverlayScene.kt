package dev.tunesmith.core.chart

import dev.tunesmith.core.Words
import java.time.ZoneId
import kotlin.math.abs
import kotlin.math.ceil
import kotlin.math.max

/**
 * What follows the pointer: the line of the cursor with the points it meets, the box that is being drawn, and, where
 * [isHere] says that the pointer is over this chart, the read-out in full.
 */
internal fun overlayScene(
    state: ChartState,
    layout: ChartLayout,
    theme: ChartTheme,
    words: Words,
    zone: ZoneId,
    isHere: Boolean,
): Scene {
    val shapes = ArrayList<Shape>()
    state.box?.let { shapes += Clipped(layout.plot, listOf(boxShape(it, layout, theme))) }
    val cursor = state.shared.cursor
    val readout = if (cursor != null && cursor in layout.x.range) readout(state, layout, words, zone) else null
    if (cursor != null && readout != null) {
        val x = layout.pixelX(cursor)
        shapes += Line(x, layout.plot.y, x, layout.plot.bottom, theme.cursor, 1.0, Dash.DASHED)
        shapes += Clipped(layout.plot, readout.lines.mapNotNull { point(it, state.shared.xAxis, layout, theme) })
        shapes += if (isHere) readoutBox(readout, x, layout, theme, words) else emptyList()
    }
    return Scene(layout.canvas.width, layout.canvas.height, null, shapes)
}

private fun boxShape(box: Box, layout: ChartLayout, theme: ChartTheme): Shape {
    val left = layout.pixelX(box.x.from)
    val right = layout.pixelX(box.x.to)
    val top = box.y?.let { layout.pixelY(it.to) } ?: layout.plot.y
    val bottom = box.y?.let { layout.pixelY(it.from) } ?: layout.plot.bottom
    return RoundBox(Rect(left, top, max(1.0, right - left), max(1.0, bottom - top)), 0.0, theme.boxFill, theme.focus)
}

private fun point(line: ReadoutLine, axis: XAxis, layout: ChartLayout, theme: ChartTheme): Shape? {
    val curve = line.curve
    val value = curve.smoothed?.value(line.index) ?: curve.data.value(line.index)
    val y = layout.pixelY(value)
    if (!y.isFinite() || abs(y) > 1e6) return null
    val unit = layout.canvas.unit
    val x = layout.pixelX(curve.x(axis, line.index))
    return Circle(x, y, 3.6 * unit, theme.color(curve.slot), theme.background, 1.5 * unit)
}

private const val PAD = 9.0
private const val SIGN_ROOM = 20.0
private const val COLUMN_GAP = 12.0

/** The box beside the cursor, on the side where it fits. */
private fun readoutBox(
    readout: Readout,
    cursor: Double,
    layout: ChartLayout,
    theme: ChartTheme,
    words: Words,
): List<Shape> {
    val canvas = layout.canvas
    val unit = canvas.unit
    val (pad, signs, gap) = Triple(PAD * unit, SIGN_ROOM * unit, COLUMN_GAP * unit)
    val rows = readoutRows(readout, theme, words)
    fun widest(text: (ReadoutRow) -> String, only: (ReadoutRow) -> Boolean = { true }) =
        rows.filter(only).maxOfOrNull { canvas.measure.width(text(it), TextStyle.LABEL) } ?: 0.0
    val left = ceil(widest({ it.left }, { it.mark == null }))
    val middle = ceil(widest({ it.middle }))
    val right = ceil(widest({ it.right }))
    val values = left + gap + middle + if (right > 0) gap + right else 0.0
    val marks = ceil(widest({ it.left }, { it.mark != null })).coerceAtMost(canvas.width - 8 - 2 * pad - signs)
    val inner = maxOf(signs + values, signs + marks, canvas.measure.width(readout.place, TextStyle.LABEL))
    val line = ceil(canvas.size(TextStyle.LABEL) * 1.55)
    val width = ceil(inner + 2 * pad)
    val height = ceil(line * (rows.size + 1) + 2 * pad - 4 * unit)
    val beside = 14 * unit
    val x = if (cursor + beside + width <= canvas.width - 4) cursor + beside else max(4.0, cursor - beside - width)
    val y = (layout.plot.y + 8 * unit).coerceAtMost(max(4.0, canvas.height - height - 4))
    val shapes = ArrayList<Shape>()
    shapes +=
        RoundBox(
            Rect(Math.floor(x) + 0.5, Math.floor(y) + 0.5, width, height),
            8.0 * unit,
            theme.readoutBackground,
            theme.readoutBorder,
        )
    var base = y + pad + canvas.size(TextStyle.LABEL) - unit
    shapes += Text(x + pad, base, readout.place, TextStyle.LABEL, theme.quiet)
    for (row in rows) {
        base += line
        val sign = base - canvas.size(TextStyle.LABEL) * 0.36
        shapes += row.mark?.let { markShape(it, x + pad + 6 * unit, sign, row.color, theme.background, unit) }
            ?: Line(x + pad, sign, x + pad + 13 * unit, sign, row.color, 2.5 * unit, row.dash)
        shapes +=
            Text(
                x + pad + signs,
                base,
                if (row.mark == null) row.left else canvas.measure.fitted(row.left, TextStyle.LABEL, marks),
                TextStyle.LABEL,
                if (row.mark == null) theme.text else theme.quiet,
            )
        shapes +=
            Text(
                x + pad + signs + left + gap + middle,
                base,
                row.middle,
                TextStyle.LABEL,
                theme.text,
                Anchor.END,
            )
        shapes +=
            Text(x + pad + signs + left + middle + 2 * gap, base, row.right, TextStyle.LABEL, theme.quiet)
    }
    return shapes
}
