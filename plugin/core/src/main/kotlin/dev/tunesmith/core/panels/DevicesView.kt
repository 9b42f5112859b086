package dev.tunesmith.core.panels

import dev.tunesmith.core.Words
import dev.tunesmith.core.chart.Anchor
import dev.tunesmith.core.chart.ChartFonts
import dev.tunesmith.core.chart.ChartPainter
import dev.tunesmith.core.chart.ChartTheme
import dev.tunesmith.core.chart.Rect
import dev.tunesmith.core.chart.RoundBox
import dev.tunesmith.core.chart.Scene
import dev.tunesmith.core.chart.Shape
import dev.tunesmith.core.chart.Text
import dev.tunesmith.core.chart.TextStyle
import dev.tunesmith.core.chart.themeOf
import dev.tunesmith.core.protocol.Devices
import dev.tunesmith.core.swing.scaleOf
import dev.tunesmith.core.swing.scaled
import dev.tunesmith.core.swing.usualFont
import java.awt.Dimension
import java.awt.Font
import java.awt.Graphics
import java.awt.Graphics2D
import java.util.Locale
import javax.accessibility.AccessibleContext
import javax.accessibility.AccessibleRole
import javax.swing.JComponent

/** One reading: its name, its words, and how full a bar for it is; null where it has none. */
internal data class Gauge(val name: String, val words: String, val fraction: Double?, val isNearlyFull: Boolean = false)

internal data class DeviceRow(val title: String, val gauges: List<Gauge>)

/** The machine, then every device; what is not measured is left out. */
internal fun deviceRows(devices: Devices, words: Words): List<DeviceRow> {
    val machine = devices.machine
    val used = machine.memoryBytes - machine.availableBytes
    val own = DeviceRow(
        words("devices.machine", machine.cores),
        listOf(
            gauge(words("devices.memory"), used, machine.memoryBytes, words),
            Gauge(words("devices.disk"), words("devices.free", bytesWords(machine.diskFreeBytes)), null),
        ),
    )
    val rest = devices.devices.filter { it.name != "cpu" }.map { device ->
        val memory = device.memoryBytes
        val taken = device.usedBytes
        val gauges = listOfNotNull(
            if (memory != null && taken != null) gauge(words("devices.memory"), taken, memory, words) else null,
            device.load?.let { Gauge(words("devices.load"), shareWords(it), it) },
            device.powerW?.let { Gauge(words("devices.power"), String.format(Locale.ROOT, "%.0f W", it), null) },
        )
        DeviceRow("${device.title} (${device.name})", gauges)
    }
    return listOf(own) + rest
}

private fun gauge(name: String, used: Long, all: Long, words: Words): Gauge {
    val fraction = if (all > 0) used.toDouble() / all else null
    val isNearlyFull = fraction != null && fraction > NEARLY_FULL
    return Gauge(name, words("devices.of", bytesWords(used), bytesWords(all)), fraction, isNearlyFull)
}

private const val PAD = 14.0
private const val NAME = 90.0
private const val BAR_LEAST = 60.0
private const val BAR_MOST = 320.0
private const val NEARLY_FULL = 0.92

/** Memory, load and power of now. */
public class DevicesView(private val words: Words) : JComponent() {
    private var rows: List<DeviceRow> = emptyList()

    public var theme: ChartTheme = ChartTheme.LIGHT
        set(value) {
            field = value
            repaint()
        }

    init {
        isOpaque = true
        isFocusable = true
    }

    public fun show(devices: Devices) {
        rows = deviceRows(devices, words)
        revalidate()
        repaint()
    }

    internal fun scene(width: Double): Scene {
        val shapes = ArrayList<Shape>()
        val unit = scaleOf(font.size2D.toDouble())
        val (pad, name) = PAD * unit to NAME * unit
        val line = font.size2D * 1.9
        val bar = (width - 2 * pad - name - VALUE * unit).coerceIn(BAR_LEAST * unit, BAR_MOST * unit)
        var y = pad + font.size2D
        for (row in rows) {
            shapes += Text(pad, y, row.title, TextStyle.TITLE, theme.text)
            y += line
            for (gauge in row.gauges) {
                shapes += Text(pad, y, gauge.name, TextStyle.LABEL, theme.quiet)
                val fraction = gauge.fraction
                if (fraction != null) {
                    val rect = Rect(pad + name, y - font.size2D * 0.75, bar, font.size2D * 0.8)
                    val hue = if (gauge.isNearlyFull) theme.curves[1] else theme.curves[0]
                    shapes += RoundBox(rect, 3.0 * unit, theme.grid)
                    val full = maxOf(2.0 * unit, bar * fraction.coerceIn(0.0, 1.0))
                    shapes += RoundBox(rect.copy(width = full), 3.0 * unit, hue)
                }
                shapes +=
                    Text(
                        pad + name + if (fraction == null) 0.0 else bar + 12 * unit,
                        y,
                        gauge.words,
                        TextStyle.LABEL,
                        theme.text,
                        Anchor.START,
                    )
                y += line
            }
            y += line * 0.5
        }
        return Scene(width, y, theme.background, shapes)
    }

    override fun addNotify() {
        super.addNotify()
        theme = themeOf(this)
    }

    override fun updateUI() {
        theme = themeOf(parent ?: this)
    }

    override fun getFont(): Font = super.getFont() ?: usualFont()

    override fun getPreferredSize(): Dimension =
        scaled(WIDTH).let { Dimension(it, scene(it.toDouble()).height.toInt()) }

    override fun paintComponent(graphics: Graphics) {
        graphics.color = theme.background
        graphics.fillRect(0, 0, width, height)
        ChartPainter(ChartFonts(font)).paint(graphics as Graphics2D, scene(width.toDouble()))
    }

    override fun getAccessibleContext(): AccessibleContext = accessible

    private val accessible: AccessibleContext by lazy {
        object : AccessibleJComponent() {
            override fun getAccessibleName(): String = words("devices.title")

            override fun getAccessibleDescription(): String = rows.joinToString("; ") { row ->
                row.title + ": " +
                    row.gauges.joinToString(", ") { "${it.name} ${it.words}" }
            }

            override fun getAccessibleRole(): AccessibleRole = AccessibleRole.PANEL
        }
    }

    private companion object {
        const val VALUE = 130.0
        const val WIDTH = 420
    }
}
