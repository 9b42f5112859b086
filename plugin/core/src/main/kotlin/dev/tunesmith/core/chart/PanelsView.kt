package dev.tunesmith.core.chart

import dev.tunesmith.core.Words
import dev.tunesmith.core.protocol.Block
import dev.tunesmith.core.protocol.MarkShape
import dev.tunesmith.core.swing.Flowing
import dev.tunesmith.core.swing.onKeys
import dev.tunesmith.core.swing.scaled
import dev.tunesmith.core.swing.tip
import dev.tunesmith.core.swing.usualFont
import java.awt.Dimension
import java.awt.Font
import java.awt.Graphics
import java.awt.Graphics2D
import java.awt.event.FocusEvent
import java.awt.event.FocusListener
import java.awt.event.MouseAdapter
import java.awt.event.MouseEvent
import javax.accessibility.AccessibleContext
import javax.accessibility.AccessibleRole
import javax.swing.JComponent
import javax.swing.JMenuItem
import javax.swing.JPopupMenu
import kotlin.math.hypot

/** A point of a chart: the numbers of its panel, of its mark there and of the point in that. */
internal data class PointAt(val panel: Int, val mark: Int, val point: Int)

/**
 * A chart of a report: its panels side by side, as many as there is room for. Arrow keys go from point to point.
 *
 * @param save Called where the user wants the chart in a file.
 */
internal class PanelsView(
    private val words: Words,
    private val block: Block,
    private val save: (ExportFormat) -> Unit = {},
) : JComponent(),
    Flowing {
    var theme: ChartTheme = ChartTheme.LIGHT
        set(value) {
            field = value
            repaint()
        }

    /** The point that is read out. */
    var chosen: PointAt? = null
        private set(value) {
            if (field == value) return
            field = value
            repaint()
            accessible.firePropertyChange(
                AccessibleContext.ACCESSIBLE_DESCRIPTION_PROPERTY,
                null,
                accessible.accessibleDescription,
            )
        }

    init {
        isFocusable = true
        isOpaque = true
        toolTipText = ""
        componentPopupMenu = JPopupMenu().apply {
            for (format in ExportFormat.entries) {
                add(JMenuItem(words("chart.menu.export", format.name)).apply { addActionListener { save(format) } })
            }
        }
        addFocusListener(
            object : FocusListener {
                override fun focusGained(event: FocusEvent) = repaint()

                override fun focusLost(event: FocusEvent) {
                    chosen = null
                    repaint()
                }
            },
        )
        addMouseListener(
            object : MouseAdapter() {
                override fun mousePressed(event: MouseEvent) {
                    requestFocusInWindow()
                    chosen = nearest(event.x.toDouble(), event.y.toDouble())
                }
            },
        )
        onKeys("LEFT") { along(-1) }
        onKeys("RIGHT") { along(1) }
        onKeys("UP") { across(-1) }
        onKeys("DOWN") { across(1) }
    }

    /** All marks that have a point, in their order. */
    private fun marks(layouts: List<PanelLayout>): List<PointAt> = layouts.flatMapIndexed { panel, layout ->
        layout.marks.indices.filter { layout.marks[it].points.isNotEmpty() }.map { PointAt(panel, it, 0) }
    }

    private fun along(step: Int) {
        val layouts = layouts()
        val now = chosen ?: return across(1)
        val last = layouts[now.panel].marks[now.mark].points.size - 1
        chosen = now.copy(point = (now.point + step).coerceIn(0, last))
    }

    private fun across(step: Int) {
        val marks = marks(layouts())
        val now = chosen?.let { marks.indexOf(it.copy(point = 0)) } ?: if (step > 0) -1 else 0
        chosen = marks.getOrNull((now + step).coerceIn(0, maxOf(0, marks.size - 1)))
    }

    private fun columns(width: Int): Int =
        (width / scaled(LEAST)).coerceIn(1, block.columns.toInt().coerceIn(1, maxOf(1, block.panels.size)))

    private fun panelSize(width: Int): Dimension {
        val wide = minOf(width / columns(width), scaled(MOST))
        return Dimension(wide, (wide * SHAPE).toInt().coerceIn(scaled(LOW), scaled(HIGH)))
    }

    override fun heightFor(width: Int): Int {
        val rows = (block.panels.size + columns(width) - 1) / columns(width)
        return rows * panelSize(width).height
    }

    internal fun layouts(): List<PanelLayout> {
        val columns = columns(width)
        val size = panelSize(width)
        val canvas = Canvas(
            width.toDouble(),
            height.toDouble(),
            fontSize = font.size2D.toDouble(),
            measure = ChartFonts(font).measure(),
        )
        return panelLayouts(block, columns, size, canvas)
    }

    internal fun scene(): Scene {
        val layouts = layouts()
        val shapes = layouts.flatMap { panelShapes(it, theme) } + (chosen?.let { readout(it, layouts) } ?: emptyList())
        return Scene(width.toDouble(), height.toDouble(), theme.background, shapes)
    }

    /** A ring around the point, and in the first line of the panel what it is. */
    private fun readout(at: PointAt, layouts: List<PanelLayout>): List<Shape> {
        val layout = layouts.getOrNull(at.panel) ?: return emptyList()
        val (x, y) = pixels(at, layout)
        val unit = layout.canvas.unit
        val said = layout.canvas.measure.fitted(pointWords(at, layout), TextStyle.LABEL, layout.box.width - 12 * unit)
        val wide = layout.canvas.measure.width(said, TextStyle.LABEL) + 12 * unit
        val high = layout.canvas.size(TextStyle.LABEL) * 1.8
        val left = (x + 8 * unit).coerceAtMost(layout.box.right - wide)
        val top = if (y - high - 8 * unit > layout.plot.y) y - high - 8 * unit else y + 8 * unit
        val base = top + high / 2 + layout.canvas.size(TextStyle.LABEL) * 0.36
        return listOf(
            Circle(x, y, 4.5 * unit, null, theme.text, 1.6 * unit),
            RoundBox(Rect(left, top, wide, high), 5 * unit, theme.readoutBackground, theme.readoutBorder),
            Text(left + 6 * unit, base, said, TextStyle.LABEL, theme.text),
        )
    }

    private fun pixels(at: PointAt, layout: PanelLayout): Pair<Double, Double> {
        val drawn = layout.marks[at.mark]
        val point = drawn.points[at.point]
        val middle = if (drawn.mark.shape == MarkShape.BARS) drawn.mark.width / 2 else 0.0
        return layout.pixelX(drawn.mark.x[point] + middle) to layout.pixelY(drawn.mark.y[point])
    }

    private fun pointWords(at: PointAt, layout: PanelLayout): String {
        val drawn = layout.marks[at.mark]
        val mark = drawn.mark
        val point = drawn.points[at.point]
        val from = valueWords(mark.x[point], DIGITS)
        val x = if (mark.shape == MarkShape.BARS) {
            words("block.chart.span", from, valueWords(mark.x[point] + mark.width, DIGITS))
        } else {
            from
        }
        val said = words(
            "block.chart.point",
            layout.panel.xLabel.ifEmpty { "x" },
            x,
            layout.panel.yLabel.ifEmpty { "y" },
            valueWords(mark.y[point], DIGITS),
        )
        return if (mark.label.isEmpty()) said else words("block.chart.of", mark.label, said)
    }

    private fun nearest(x: Double, y: Double): PointAt? {
        val layouts = layouts()
        val near = layouts.flatMapIndexed { panel, layout ->
            layout.marks.flatMapIndexed { mark, drawn -> drawn.points.indices.map { PointAt(panel, mark, it) } }
        }
        fun distance(at: PointAt) = pixels(at, layouts[at.panel]).let { hypot(it.first - x, it.second - y) }
        return near.minByOrNull(::distance)?.takeIf { distance(it) <= scaled(NEAR) }
    }

    override fun getToolTipText(event: MouseEvent): String? =
        nearest(event.x.toDouble(), event.y.toDouble())?.let { tip(pointWords(it, layouts()[it.panel])) }

    override fun addNotify() {
        super.addNotify()
        theme = themeOf(parent ?: this)
    }

    override fun updateUI() {
        theme = themeOf(parent ?: this)
    }

    override fun getFont(): Font = super.getFont() ?: usualFont()

    override fun getPreferredSize(): Dimension = scaled(MOST, 0).apply { height = heightFor(width) }

    override fun paintComponent(graphics: Graphics) {
        graphics.color = theme.background
        graphics.fillRect(0, 0, width, height)
        ChartPainter(ChartFonts(font)).paint(graphics as Graphics2D, scene())
        if (isFocusOwner) {
            graphics.color = theme.focus
            graphics.drawRect(0, 0, width - 1, height - 1)
        }
    }

    override fun getAccessibleContext(): AccessibleContext = accessible

    /** What a screen reader says: the point that is read out, or what is drawn and how to walk through it. */
    internal fun description(): String {
        val layouts = layouts()
        chosen?.let { at -> return pointWords(at, layouts[at.panel]) }
        val panels = layouts.map { layout ->
            val title = layout.panel.title.ifEmpty { layout.panel.yLabel }
            val labels = layout.marks.map { it.mark.label }.filter { it.isNotEmpty() }
            if (labels.isEmpty()) title else words("block.chart.of", title, labels.joinToString(", "))
        }
        return panels.joinToString("; ") + ". " + words("block.chart.help")
    }

    private val accessible: AccessibleContext by lazy {
        object : AccessibleJComponent() {
            override fun getAccessibleName(): String = block.title

            override fun getAccessibleDescription(): String = description()

            override fun getAccessibleRole(): AccessibleRole = AccessibleRole.CANVAS
        }
    }

    private companion object {
        const val LEAST = 260
        const val MOST = 560
        const val SHAPE = 0.68
        const val LOW = 200
        const val HIGH = 300
        const val NEAR = 16
        const val DIGITS = 4
    }
}
