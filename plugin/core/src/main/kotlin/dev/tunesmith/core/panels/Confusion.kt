package dev.tunesmith.core.panels

import dev.tunesmith.core.chart.Anchor
import dev.tunesmith.core.chart.ChartTheme
import dev.tunesmith.core.chart.Rect
import dev.tunesmith.core.chart.RoundBox
import dev.tunesmith.core.chart.Scene
import dev.tunesmith.core.chart.Shape
import dev.tunesmith.core.chart.Text
import dev.tunesmith.core.chart.TextMeasure
import dev.tunesmith.core.chart.TextStyle
import dev.tunesmith.core.protocol.Block
import dev.tunesmith.core.swing.scaleOf
import java.awt.Color
import kotlin.math.ceil
import kotlin.math.sqrt

/** A cell of the matrix: the true label's number and the predicted one's. */
internal data class Cell(val expected: Int, val predicted: Int)

private const val LABEL_MOST = 150.0
private const val CELL_LEAST = 38.0
private const val CELL_MOST = 96.0
private const val GAP = 2.0
private const val PAD = 12.0

/** Where the matrix stands in the room there is, and what each cell looks like; rows are flat where room is short. */
internal class ConfusionLayout(
    private val matrix: Block,
    width: Double,
    private val fontSize: Double,
    private val measure: TextMeasure,
    height: Double = Double.MAX_VALUE,
) {
    val size: Int = matrix.labels.size
    private val unit = scaleOf(fontSize)
    private val labelWidth = minOf(
        LABEL_MOST * unit,
        matrix.labels.maxOfOrNull { measure.width(it, TextStyle.LABEL) } ?: 0.0,
    )
    private val pad = PAD * unit
    private val left = pad + ceil(labelWidth) + 10 * unit + fontSize * 1.6
    private val top = pad + fontSize * 3.6
    private val widest = maxOf(CELL_MOST * unit, minOf(LABEL_MOST * unit, labelWidth + 8 * unit))
    val cell: Double =
        if (size == 0) CELL_MOST * unit else ((width - left - pad) / size).coerceIn(CELL_LEAST * unit, widest)

    val width: Double = left + size * cell + pad
    private val row: Double =
        if (size == 0) {
            cell
        } else {
            minOf(cell * HEIGHT_SHARE, fontSize * ROW_MOST, maxOf(fontSize * 2, (height - top - pad) / size))
        }
    val height: Double = top + size * row + pad

    fun rect(at: Cell): Rect = Rect(
        left + at.predicted * cell,
        top + at.expected * row,
        cell - GAP * unit,
        row - GAP * unit,
    )

    fun cellAt(x: Double, y: Double): Cell? {
        if (x < left || y < top) return null
        val found = Cell(((y - top) / row).toInt(), ((x - left) / cell).toInt())
        return found.takeIf { it.expected < size && it.predicted < size }
    }

    fun scene(theme: ChartTheme, chosen: Cell?, expected: String, predicted: String): Scene {
        val shapes = ArrayList<Shape>()
        shapes += Text(left, pad + fontSize, predicted, TextStyle.SMALL, theme.quiet)
        shapes += Text(pad, top - 6 * unit, expected, TextStyle.SMALL, theme.quiet)
        for (i in 0 until size) {
            val label = fitted(matrix.labels[i], labelWidth)
            val row = rect(Cell(i, 0))
            shapes +=
                Text(
                    left - 10 * unit,
                    row.y + row.height / 2 + fontSize * 0.36,
                    label,
                    TextStyle.LABEL,
                    theme.text,
                    Anchor.END,
                )
            val column = rect(Cell(0, i))
            shapes +=
                Text(
                    column.x + column.width / 2,
                    top - 6 * unit,
                    fitted(matrix.labels[i], cell - 6 * unit),
                    TextStyle.LABEL,
                    theme.text,
                    Anchor.MIDDLE,
                )
            for (j in 0 until size) shapes += cellShapes(Cell(i, j), theme, chosen)
        }
        return Scene(width, height, theme.background, shapes)
    }

    /** Right answers are blue, mistakes are red, the stronger the larger their share of the true label. */
    private fun cellShapes(at: Cell, theme: ChartTheme, chosen: Cell?): List<Shape> {
        val rect = rect(at)
        val share = matrix.share(at)
        val hue = if (at.expected == at.predicted) theme.curves[0] else theme.curves[1]
        val fill = mixed(theme.grid, hue, if (share > 0.0) 0.12 + 0.88 * sqrt(share) else 0.0)
        val ink = if (bright(fill) > 0.45) Color(0x1E1F22) else Color.WHITE
        val count = matrix.count(at)
        val middle = rect.x + rect.width / 2
        val shapes = ArrayList<Shape>()
        shapes += RoundBox(rect, 4.0 * unit, fill, if (at == chosen) theme.text else null)
        if (count == 0L) return shapes
        val hasShare = rect.height >= fontSize * 2.6
        val base = rect.y + rect.height / 2 + fontSize * (if (hasShare) -0.1 else 0.36)
        shapes +=
            Text(
                middle,
                base,
                fitted(countOr(count), rect.width),
                if (hasShare) TextStyle.TITLE else TextStyle.SMALL,
                ink,
                Anchor.MIDDLE,
            )
        if (hasShare) {
            shapes +=
                Text(middle, base + fontSize * 1.2, shareWords(share), TextStyle.SMALL, ink, Anchor.MIDDLE)
        }
        return shapes
    }

    private fun fitted(text: String, width: Double): String = measure.fitted(text, TextStyle.LABEL, width)

    private companion object {
        const val HEIGHT_SHARE = 0.72
        const val ROW_MOST = 3.4
    }
}

internal fun Block.count(at: Cell): Long = counts.getOrNull(at.expected)?.getOrNull(at.predicted) ?: 0L

/** Of the rows that truly have the label; worked out from the counts, which are always there. */
internal fun Block.share(at: Cell): Double {
    val all = counts.getOrNull(at.expected)?.sum() ?: 0L
    return if (all == 0L) 0.0 else count(at).toDouble() / all
}

/** [from] with so large a [part] of [to] in it. */
internal fun mixed(from: Color, to: Color, part: Double): Color {
    fun channel(a: Int, b: Int) = (a + (b - a) * part.coerceIn(0.0, 1.0)).toInt()
    return Color(channel(from.red, to.red), channel(from.green, to.green), channel(from.blue, to.blue))
}

private fun bright(color: Color): Double = (0.299 * color.red + 0.587 * color.green + 0.114 * color.blue) / 255
