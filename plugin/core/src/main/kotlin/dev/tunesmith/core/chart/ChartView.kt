package dev.tunesmith.core.chart

import dev.tunesmith.core.Words
import dev.tunesmith.core.swing.scaled
import dev.tunesmith.core.swing.usualFont
import java.awt.Graphics
import java.awt.Graphics2D
import java.awt.Transparency
import java.awt.geom.AffineTransform
import java.awt.image.BufferedImage
import java.time.ZoneId
import javax.accessibility.AccessibleContext
import javax.accessibility.AccessibleRole
import javax.swing.JComponent
import kotlin.math.ceil

/**
 * Shows one chart and says what its user wants. It holds no truth of its own: [changed] gets the state that a user's
 * action asks for, and whoever keeps the state sets it here.
 */
public class ChartView(
    private val words: Words,
    private val zone: ZoneId,
    state: ChartState,
    private val changed: (ChartState) -> Unit,
) : JComponent() {
    public var state: ChartState = state
        set(value) {
            if (field == value) return
            val before = field
            field = value
            repaint()
            announce(before, value)
        }

    public var theme: ChartTheme = ChartTheme.LIGHT
        set(value) {
            field = value
            picture = null
            repaint()
        }

    /** Whether the cursor was put here; other charts show it without the read-out. */
    internal var isPointed: Boolean = false

    /** Called with the place where a context menu was asked for, in pixels of this component. */
    public var menuAsked: ((x: Int, y: Int) -> Unit)? = null

    private var picture: Picture? = null

    /** What was painted last of everything that does not follow the pointer, and for what. */
    private class Picture(val key: Any, val layout: ChartLayout, val image: BufferedImage)

    private data class Key(
        val model: ChartModel,
        val shared: Shared,
        val marked: List<String>,
        val y: Interval?,
        val width: Int,
        val height: Int,
        val scale: Double,
        val font: java.awt.Font,
    )

    init {
        isOpaque = true
        isFocusable = true
        preferredSize = scaled(480, 280)
        minimumSize = scaled(160, 120)
        ChartPointer(this).install()
        installChartKeys(this)
        addFocusListener(RepaintOnFocus(this))
    }

    internal fun act(action: ChartAction) {
        val after = state.after(action, layoutNow())
        if (after != state) changed(after)
    }

    internal fun layoutNow(): ChartLayout =
        picture?.takeIf { it.key == key(it.layout.canvas.scale) }?.layout ?: ChartLayout.of(state, canvas(1.0), zone)

    /** The run whose curve is nearest to a pixel of the plot; below the plot it stays the one that it was. */
    internal fun runAt(x: Double, y: Double): String? {
        val layout = layoutNow()
        return if (y > layout.plot.bottom) state.shared.pointed else runAt(state, layout, x, y)
    }

    /** The entry at the cursor of the run whose value is nearest to the pixel [y]. */
    internal fun pick(y: Double): ReadoutLine? {
        val layout = layoutNow()
        val lines = readout(state, layout, words, zone)?.lines ?: return null
        return lines.minByOrNull { line ->
            kotlin.math.abs(layout.pixelY(line.curve.data.value(line.index)) - y).let {
                if (it.isNaN()) Double.MAX_VALUE else it
            }
        }
    }

    override fun paintComponent(graphics: Graphics) {
        val g = graphics.create() as Graphics2D
        try {
            val fonts = ChartFonts(font)
            val painted = picture(g.transform.scaleX, fonts)
            val transform = g.transform
            // One pixel of the picture is one of the device: drawn without scaling, or it would be blurred.
            g.transform = AffineTransform(1.0, 0.0, 0.0, 1.0, transform.translateX, transform.translateY)
            g.drawImage(painted.image, 0, 0, null)
            g.transform = transform
            ChartPainter(fonts).paint(
                g,
                overlayScene(
                    state,
                    painted.layout,
                    theme,
                    words,
                    zone,
                    isPointed || isFocusOwner,
                ),
            )
            if (isFocusOwner) {
                g.color = theme.focus
                g.drawRect(0, 0, width - 1, height - 1)
            }
        } finally {
            g.dispose()
        }
    }

    private fun picture(scale: Double, fonts: ChartFonts): Picture {
        val key = key(scale)
        picture?.takeIf { it.key == key }?.let { return it }
        val layout = ChartLayout.of(state, canvas(scale), zone)
        val wide = maxOf(1, ceil(width * scale).toInt())
        val high = maxOf(1, ceil(height * scale).toInt())
        val image = picture?.image?.takeIf { it.width == wide && it.height == high }
            ?: graphicsConfiguration?.createCompatibleImage(wide, high, Transparency.OPAQUE)
            ?: BufferedImage(wide, high, BufferedImage.TYPE_INT_RGB)
        val g = image.createGraphics()
        g.scale(scale, scale)
        ChartPainter(fonts).paint(g, baseScene(state, layout, theme, words))
        g.dispose()
        return Picture(key, layout, image).also { picture = it }
    }

    private fun key(scale: Double): Any {
        val shared = state.shared.copy(cursor = null, open = null, pointed = null)
        return Key(state.model, shared, markedCurves(state).map { it.runId }, state.y, width, height, scale, font)
    }

    private fun canvas(scale: Double): Canvas =
        Canvas(width.toDouble(), height.toDouble(), scale, font.size2D.toDouble(), ChartFonts(font).measure())

    override fun getFont(): java.awt.Font = super.getFont() ?: usualFont()

    /** What a screen reader says of the chart as a whole, and of the place of the cursor. */
    internal fun description(): String {
        val shown = state.model.curves.filter { !it.data.isEmpty }
        if (shown.isEmpty()) return words("chart.empty")
        val extents = shown.map { it.data.extent() }.filter { !it.isEmpty }
        val last = shown.maxOf { it.data.step(it.data.size - 1) }
        val whole = words(
            "chart.accessible",
            shown.size,
            countWords(last),
            extents.minOfOrNull { it.low }?.let(::valueWords) ?: "NaN",
            extents.maxOfOrNull { it.high }?.let(::valueWords) ?: "NaN",
        )
        val here = readout(state, layoutNow(), words, zone) ?: return whole
        val values = here.lines.map { words("chart.accessible.value", it.curve.name, it.smoothed ?: it.value) }
        val said = values + here.marks.map { markWords(it, words) }
        return words("chart.accessible.cursor", whole, here.place, said.joinToString("; "))
    }

    private fun announce(before: ChartState, now: ChartState) {
        if (before.shared.cursor == now.shared.cursor || !isFocusOwner) return
        accessible.firePropertyChange(AccessibleContext.ACCESSIBLE_DESCRIPTION_PROPERTY, null, description())
    }

    override fun getAccessibleContext(): AccessibleContext = accessible

    private val accessible: AccessibleContext by lazy {
        object : AccessibleJComponent() {
            override fun getAccessibleName(): String = state.model.metric

            override fun getAccessibleDescription(): String = description()

            override fun getAccessibleRole(): AccessibleRole = AccessibleRole.CANVAS
        }
    }
}
