package dev.tunesmith.core.chart

import dev.tunesmith.core.Words
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

    public fun image(state: ChartState, size: ExportSize): BufferedImage {
        val image =
            BufferedImage(
                ceil(size.width * size.scale).toInt(),
                ceil(size.height * size.scale).toInt(),
                BufferedImage.TYPE_INT_RGB,
            )
        val g = image.createGraphics()
        g.scale(size.scale, size.scale)
        ChartPainter(fonts).paint(g, scene(state, size))
        g.dispose()
        return image
    }

    public fun svg(state: ChartState, size: ExportSize, out: Appendable) {
        writeSvg(scene(state, size), state.model.metric, fontSize, out)
    }

    private fun scene(state: ChartState, size: ExportSize): Scene {
        val canvas = Canvas(size.width.toDouble(), size.height.toDouble(), size.scale, fontSize, fonts.measure())
        val shown = state.copy(shared = state.shared.copy(cursor = null), box = null)
        return baseScene(shown, ChartLayout.of(shown, canvas, zone), theme, words)
    }
}
