package dev.tunesmith.core.chart

import dev.tunesmith.core.Words
import dev.tunesmith.core.protocol.Block
import java.awt.Dimension
import java.awt.Font
import java.awt.image.BufferedImage
import java.io.OutputStream
import java.time.ZoneId
import javax.imageio.ImageIO
import kotlin.math.ceil

/** How a chart is saved: [width] and [height] in pixels, for PNG [scale] pixels of the file to each. */
public data class ExportSize(val width: Int = 1600, val height: Int = 900, val scale: Double = 2.0)

/** Saves charts as they are shown, without cursor and box. Nothing here needs the UI thread. */
public class ChartExport(
    private val words: Words,
    private val zone: ZoneId,
    private val theme: ChartTheme,
    font: Font,
) {
    private val fonts = ChartFonts(font)
    private val fontSize = font.size2D.toDouble()

    public fun png(state: ChartState, size: ExportSize, out: OutputStream) {
        ImageIO.write(image(state, size), "png", out)
    }

    public fun image(state: ChartState, size: ExportSize): BufferedImage = painted(scene(state, size), size.scale)

    /** A chart of a report, its panels in the rows that it asks for. */
    internal fun png(chart: Block, out: OutputStream) {
        ImageIO.write(painted(scene(chart), ExportSize().scale), "png", out)
    }

    internal fun svg(chart: Block, out: Appendable) {
        writeSvg(scene(chart), chart.title, fontSize, out)
    }

    private fun painted(scene: Scene, scale: Double): BufferedImage {
        val image =
            BufferedImage(
                ceil(scene.width * scale).toInt(),
                ceil(scene.height * scale).toInt(),
                BufferedImage.TYPE_INT_RGB,
            )
        val g = image.createGraphics()
        g.scale(scale, scale)
        ChartPainter(fonts).paint(g, scene)
        g.dispose()
        return image
    }

    public fun svg(state: ChartState, size: ExportSize, out: Appendable) {
        writeSvg(scene(state, size), state.model.metric, fontSize, out)
    }

    private fun scene(chart: Block): Scene {
        val columns = chart.columns.toInt().coerceIn(1, maxOf(1, chart.panels.size))
        val rows = maxOf(1, (chart.panels.size + columns - 1) / columns)
        val (width, height) = (PANEL.width * columns).toDouble() to (PANEL.height * rows).toDouble()
        val canvas = Canvas(width, height, ExportSize().scale, fontSize, fonts.measure())
        val shapes = panelLayouts(chart, columns, PANEL, canvas).flatMap { panelShapes(it, theme) }
        return Scene(width, height, theme.background, shapes)
    }

    private fun scene(state: ChartState, size: ExportSize): Scene {
        val canvas = Canvas(size.width.toDouble(), size.height.toDouble(), size.scale, fontSize, fonts.measure())
        val shown = state.copy(shared = state.shared.copy(cursor = null), box = null)
        return baseScene(shown, ChartLayout.of(shown, canvas, zone), theme, words)
    }

    private companion object {
        /** Pixels of a panel of a report's chart, as [ExportSize] counts them. */
        const val PANEL_WIDTH = 800
        const val PANEL_HEIGHT = 500
        val PANEL = Dimension(PANEL_WIDTH, PANEL_HEIGHT)
    }
}
