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
    return Circle(layout.pixelX(curve.x(axis, line.index)), y, 3.6, theme.color(curve.slot), theme.background, 1.5)
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
    val rows = readoutRows(readout, theme, words)
    fun widest(text: (ReadoutRow) -> String, only: (ReadoutRow) -> Boolean = { true }) =
        rows.filter(only).maxOfOrNull { canvas.measure.width(text(it), TextStyle.LABEL) } ?: 0.0
    val left = ceil(widest({ it.left }, { it.mark == null }))
    val middle = ceil(widest({ it.middle }))
    val right = ceil(widest({ it.right }))
    val values = left + COLUMN_GAP + middle + if (right > 0) COLUMN_GAP + right else 0.0
    val marks = ceil(widest({ it.left }, { it.mark != null })).coerceAtMost(canvas.width - 8 - 2 * PAD - SIGN_ROOM)
    val inner = maxOf(SIGN_ROOM + values, SIGN_ROOM + marks, canvas.measure.width(readout.place, TextStyle.LABEL))
    val line = ceil(canvas.size(TextStyle.LABEL) * 1.55)
    val width = ceil(inner + 2 * PAD)
    val height = ceil(line * (rows.size + 1) + 2 * PAD - 4)
    val x = if (cursor + 14 + width <= canvas.width - 4) cursor + 14 else max(4.0, cursor - 14 - width)
    val y = (layout.plot.y + 8).coerceAtMost(max(4.0, canvas.height - height - 4))
    val shapes = ArrayList<Shape>()
    shapes +=
        RoundBox(
            Rect(Math.floor(x) + 0.5, Math.floor(y) + 0.5, width, height),
            8.0,
            theme.readoutBackground,
            theme.readoutBorder,
        )
    var base = y + PAD + canvas.size(TextStyle.LABEL) - 1
    shapes += Text(x + PAD, base, readout.place, TextStyle.LABEL, theme.quiet)
    for (row in rows) {
        base += line
        val sign = base - canvas.size(TextStyle.LABEL) * 0.36
        shapes += row.mark?.let { markShape(it, x + PAD + 6, sign, row.color, theme.background) }
            ?: Line(x + PAD, sign, x + PAD + 13, sign, row.color, 2.5, row.dash)
        shapes +=
            Text(
                x + PAD + SIGN_ROOM,
                base,
                if (row.mark == null) row.left else canvas.measure.fitted(row.left, TextStyle.LABEL, marks),
                TextStyle.LABEL,
                if (row.mark == null) theme.text else theme.quiet,
            )
        shapes +=
            Text(
                x + PAD + SIGN_ROOM + left + COLUMN_GAP + middle,
                base,
                row.middle,
                TextStyle.LABEL,
                theme.text,
                Anchor.END,
            )
        shapes +=
            Text(x + PAD + SIGN_ROOM + left + middle + 2 * COLUMN_GAP, base, row.right, TextStyle.LABEL, theme.quiet)
    }
    return shapes
}
