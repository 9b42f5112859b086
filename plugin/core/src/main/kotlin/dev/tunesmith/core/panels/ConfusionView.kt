package dev.tunesmith.core.panels

import dev.tunesmith.core.Words
import dev.tunesmith.core.chart.ChartFonts
import dev.tunesmith.core.chart.ChartPainter
import dev.tunesmith.core.chart.ChartTheme
import dev.tunesmith.core.chart.RepaintOnFocus
import dev.tunesmith.core.chart.themeOf
import dev.tunesmith.core.protocol.Block
import dev.tunesmith.core.swing.Flowing
import dev.tunesmith.core.swing.onKeys
import dev.tunesmith.core.swing.scaled
import dev.tunesmith.core.swing.tip
import dev.tunesmith.core.swing.usualFont
import java.awt.Dimension
import java.awt.Font
import java.awt.Graphics
import java.awt.Graphics2D
import java.awt.Rectangle
import java.awt.event.MouseAdapter
import java.awt.event.MouseEvent
import javax.accessibility.AccessibleContext
import javax.accessibility.AccessibleRole
import javax.swing.JComponent
import javax.swing.JScrollBar
import javax.swing.JViewport
import javax.swing.Scrollable
import javax.swing.SwingConstants
import kotlin.math.ceil

/** The confusion matrix; a click on a cell, or Enter, asks for the rows behind it, where its counts are of rows. */
public class ConfusionView(private val words: Words, private val intent: (Intent) -> Unit) :
    JComponent(),
    Scrollable,
    Flowing {
    private var run = ""
    private var matrix = Block()
    internal var chosen: Cell? = null
        private set

    public var theme: ChartTheme = ChartTheme.LIGHT
        set(value) {
            field = value
            repaint()
        }

    init {
        isFocusable = true
        isOpaque = true
        toolTipText = ""
        addFocusListener(RepaintOnFocus(this))
        addMouseListener(
            object : MouseAdapter() {
                override fun mousePressed(event: MouseEvent) {
                    requestFocusInWindow()
                    choose(layoutNow().cellAt(event.x.toDouble(), event.y.toDouble()))
                }

                override fun mouseClicked(event: MouseEvent) = open()
            },
        )
        onKeys("LEFT") { moveBy(0, -1) }
        onKeys("RIGHT") { moveBy(0, 1) }
        onKeys("UP") { moveBy(-1, 0) }
        onKeys("DOWN") { moveBy(1, 0) }
        onKeys("ENTER") { open() }
        onKeys("SPACE") { open() }
    }

    /** [matrix] is a block of the kind matrix, of the report of [run]. */
    public fun show(run: String, matrix: Block) {
        if (this.matrix.labels != matrix.labels) chosen = null
        this.run = run
        this.matrix = matrix
        revalidate()
        repaint()
    }

    private fun choose(cell: Cell?) {
        chosen = cell
        repaint()
        cell?.let { layoutNow().rect(it) }?.let {
            scrollRectToVisible(Rectangle(it.x.toInt(), it.y.toInt(), ceil(it.width).toInt(), ceil(it.height).toInt()))
        }
        accessible.firePropertyChange(
            AccessibleContext.ACCESSIBLE_DESCRIPTION_PROPERTY,
            null,
            accessible.accessibleDescription,
        )
    }

    private fun moveBy(down: Int, right: Int) {
        val last = matrix.labels.size - 1
        if (last < 0) return
        val from = chosen ?: return choose(Cell(0, 0))
        choose(Cell((from.expected + down).coerceIn(0, last), (from.predicted + right).coerceIn(0, last)))
    }

    private fun open() {
        val cell = chosen?.takeIf { matrix.ofRows } ?: return
        intent(Intent.ShowRows(run, matrix.labels[cell.expected], matrix.labels[cell.predicted]))
    }

    internal fun layoutNow(): ConfusionLayout = layoutFor(width.toDouble(), height.toDouble())

    private fun layoutFor(width: Double = Double.MAX_VALUE, height: Double = Double.MAX_VALUE) =
        ConfusionLayout(matrix, width, font.size2D.toDouble(), ChartFonts(font).measure(), height)

    internal fun cellWords(cell: Cell): String = words(
        "confusion.cell",
        matrix.labels[cell.expected],
        matrix.labels[cell.predicted],
        countOr(matrix.count(cell)),
        shareWords(matrix.share(cell)),
    )

    override fun addNotify() {
        super.addNotify()
        theme = themeOf(this)
    }

    override fun updateUI() {
        theme = themeOf(parent ?: this)
    }

    override fun getFont(): Font = super.getFont() ?: usualFont()

    /** With a bar to scroll by where it is wider than there is room. */
    override fun heightFor(width: Int): Int {
        val wanted = layoutFor(width.toDouble())
        val bar = if (wanted.width > width) JScrollBar().preferredSize.width else 0
        val least = layoutFor(width.toDouble(), 0.0)
        return bar + ceil(minOf(wanted.height, maxOf(least.height, scaled(HIGH).toDouble()))).toInt()
    }

    /** As large as it reads well, smaller where there is less room, but never so small that nothing can be read. */
    override fun getPreferredSize(): Dimension {
        val room = (parent as? JViewport)?.size?.takeIf { it.width > 0 && it.height > 0 }
        val wanted = if (room == null) layoutFor() else layoutFor(room.width.toDouble(), room.height.toDouble())
        return Dimension(ceil(wanted.width).toInt(), ceil(wanted.height).toInt())
    }

    override fun getPreferredScrollableViewportSize(): Dimension = layoutFor().let {
        Dimension(ceil(it.width).toInt(), ceil(it.height).toInt())
    }

    override fun getScrollableTracksViewportWidth(): Boolean = preferredSize.width <= (parent?.width ?: 0)

    override fun getScrollableTracksViewportHeight(): Boolean = preferredSize.height <= (parent?.height ?: 0)

    override fun getScrollableUnitIncrement(visible: Rectangle, orientation: Int, direction: Int): Int = scaled(SCROLL)

    override fun getScrollableBlockIncrement(visible: Rectangle, orientation: Int, direction: Int): Int =
        if (orientation == SwingConstants.VERTICAL) visible.height else visible.width

    override fun getToolTipText(event: MouseEvent): String? =
        layoutNow().cellAt(event.x.toDouble(), event.y.toDouble())?.let { tip(cellWords(it)) }

    override fun paintComponent(graphics: Graphics) {
        graphics.color = theme.background
        graphics.fillRect(0, 0, width, height)
        val painter = ChartPainter(ChartFonts(font))
        painter.paint(
            graphics as Graphics2D,
            layoutNow().scene(theme, chosen, words("confusion.expected"), words("confusion.predicted")),
        )
    }

    override fun getAccessibleContext(): AccessibleContext = accessible

    private val accessible: AccessibleContext by lazy {
        object : AccessibleJComponent() {
            override fun getAccessibleName(): String = matrix.title.ifEmpty { words("confusion.title") }

            override fun getAccessibleDescription(): String = chosen?.let(::cellWords) ?: words("confusion.help")

            override fun getAccessibleRole(): AccessibleRole = AccessibleRole.TABLE
        }
    }

    private companion object {
        const val SCROLL = 16
        const val HIGH = 480
    }
}
