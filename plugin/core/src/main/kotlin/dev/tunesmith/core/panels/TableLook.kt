package dev.tunesmith.core.panels

import dev.tunesmith.core.chart.ChartTheme
import dev.tunesmith.core.chart.themeOf
import dev.tunesmith.core.swing.ScaledBorder
import dev.tunesmith.core.swing.scale
import dev.tunesmith.core.swing.scaled
import dev.tunesmith.core.swing.showsLetters
import dev.tunesmith.core.swing.tip
import java.awt.Color
import java.awt.Component
import java.awt.Dimension
import java.awt.Graphics
import java.awt.Graphics2D
import java.awt.RenderingHints
import java.awt.geom.Ellipse2D
import java.awt.geom.RoundRectangle2D
import javax.swing.JLabel
import javax.swing.JTable
import javax.swing.SwingConstants
import javax.swing.table.AbstractTableModel
import javax.swing.table.DefaultTableCellRenderer
import javax.swing.table.TableCellRenderer

/** The colour of a run's state; the words always stand beside it. */
internal fun statusColor(status: String, theme: ChartTheme): Color = when (status) {
    "running", "preparing" -> theme.curves[0]
    "finished" -> theme.curves[2]
    "failed", "lost" -> theme.curves[1]
    else -> theme.quiet
}

/** Draws words, and what a column has besides them: the dot of a state, a bar of progress, the sample of a curve. */
internal class CellRenderer<R>(private val column: Column<R>, private val row: (Int) -> R) :
    DefaultTableCellRenderer() {
    private var mark: Color? = null
    private var isFaint = false
    private var fraction: Double? = null

    init {
        showsLetters()
    }

    override fun getTableCellRendererComponent(
        table: JTable,
        value: Any?,
        isSelected: Boolean,
        hasFocus: Boolean,
        row: Int,
        column: Int,
    ): Component {
        super.getTableCellRendererComponent(table, value, isSelected, hasFocus, row, column)
        horizontalAlignment = if (this.column.isNumber) SwingConstants.RIGHT else SwingConstants.LEFT
        toolTipText = tip((value as? String)?.takeIf { it.length > 12 })
        fraction = this.column.fraction(this.row(row))
        mark = null
        isFaint = this.column.isFaint(this.row(row))
        val theme = themeOf(table)
        when (this.column.look) {
            Look.STATUS -> mark = statusColor(statusAt(fraction), theme)

            Look.SWATCH -> {
                mark = fraction?.let { theme.color(it.toInt()) }
                toolTipText = tip(text)
                text = ""
            }

            Look.PROGRESS, Look.TEXT -> Unit
        }
        val indent = if (this.column.look == Look.STATUS) 2 * SIDE + DOT else SIDE
        border = ScaledBorder(0, indent, 0, SIDE)
        return this
    }

    private fun statusAt(number: Double?): String = STATUS_ORDER.getOrElse(number?.toInt() ?: -1) { "" }

    override fun paintComponent(graphics: Graphics) {
        super.paintComponent(graphics)
        val g = graphics.create() as Graphics2D
        g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON)
        // From here on in sizes for the usual font.
        val scale = scale()
        g.scale(scale, scale)
        val (wide, high) = width / scale to height / scale
        mark?.let {
            g.color = it
            if (column.look == Look.STATUS) {
                g.fill(Ellipse2D.Double(SIDE.toDouble(), (high - DOT) / 2, DOT.toDouble(), DOT.toDouble()))
            } else {
                val swatch = RoundRectangle2D.Double(8.5, high / 2 - 2.5, minOf(wide - 17.0, SWATCH), 5.0, 3.0, 3.0)
                if (isFaint) g.draw(swatch) else g.fill(swatch)
            }
        }
        fraction?.takeIf { column.look == Look.PROGRESS }?.let { bar(g, wide - 2 * SIDE, high, it) }
        g.dispose()
    }

    private fun bar(g: Graphics2D, wide: Double, high: Double, done: Double) {
        val theme = themeOf(this)
        g.color = theme.axis
        g.fill(RoundRectangle2D.Double(SIDE.toDouble(), high - 4.0, wide, 2.0, 2.0, 2.0))
        g.color = theme.curves[0]
        g.fill(RoundRectangle2D.Double(SIDE.toDouble(), high - 4.0, wide * done.coerceIn(0.0, 1.0), 2.0, 2.0, 2.0))
    }

    private companion object {
        const val SIDE = 8
        const val DOT = 8
        const val SWATCH = 32.0
    }
}

/** Puts a heading over the words of its column, or over the end of its numbers. */
internal fun placeHeading(heading: JLabel, isNumber: Boolean) {
    heading.horizontalAlignment = if (isNumber) SwingConstants.RIGHT else SwingConstants.LEFT
    heading.border = ScaledBorder(3, 8, 3, 8)
}

/** The heading with an arrow where the table is sorted. */
internal class HeadingRenderer(
    private val column: Column<*>,
    private val plain: TableCellRenderer,
    private val sort: () -> Sort?,
) : TableCellRenderer {
    override fun getTableCellRendererComponent(
        table: JTable,
        value: Any?,
        isSelected: Boolean,
        hasFocus: Boolean,
        row: Int,
        column: Int,
    ): Component {
        val found = plain.getTableCellRendererComponent(table, value, isSelected, hasFocus, row, column)
        val now = sort()?.takeIf { it.key == this.column.key }
        if (found is JLabel) {
            placeHeading(found, this.column.isNumber)
            found.text = this.column.heading + when (now?.isDescending) {
                true -> " ▾"
                false -> " ▴"
                null -> ""
            }
        }
        return found
    }
}

/** A table that says why it shows nothing. */
internal class EmptyTable(model: AbstractTableModel, private val words: () -> String) : JTable(model) {
    /** It is as high as its rows, up to so many; null: as high as there is room. */
    var rowsMost: Int? = null

    override fun getPreferredScrollableViewportSize(): Dimension =
        rowsMost?.let { Dimension(preferredSize.width, rowHeight * minOf(it, rowCount)) }
            ?: super.getPreferredScrollableViewportSize()

    /** Rather a scroll bar than headings that nobody can read. */
    override fun getScrollableTracksViewportWidth(): Boolean = preferredSize.width < (parent?.width ?: 0)

    override fun updateUI() {
        super.updateUI()
        rowHeight = getFontMetrics(font).height + scaled(PADDING)
        if (model.columnCount > 0) widen()
    }

    /** Each column at least as wide as its heading, sorted or not. */
    fun widen() {
        val metrics = tableHeader?.let { it.getFontMetrics(it.font) } ?: return
        for (column in columnModel.columns) {
            val heading = metrics.stringWidth("${column.headerValue} ▾") + scaled(HEADING_PADDING)
            if (column.preferredWidth < heading) column.preferredWidth = heading
        }
    }

    private companion object {
        const val PADDING = 8
        const val HEADING_PADDING = 20
    }

    override fun paintComponent(graphics: Graphics) {
        super.paintComponent(graphics)
        if (rowCount > 0) return
        val text = words()
        graphics.color = themeOf(this).quiet
        graphics.font = font
        (graphics as? Graphics2D)?.setRenderingHint(
            RenderingHints.KEY_TEXT_ANTIALIASING,
            RenderingHints.VALUE_TEXT_ANTIALIAS_ON,
        )
        val x = maxOf(scaled(8), (width - graphics.fontMetrics.stringWidth(text)) / 2)
        graphics.drawString(text, x, minOf(height / 2, scaled(80)))
    }
}
