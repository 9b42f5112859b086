package dev.tunesmith.core.benchmark

import dev.tunesmith.core.chart.ChartAction
import dev.tunesmith.core.chart.ChartFonts
import dev.tunesmith.core.chart.ChartLayout
import dev.tunesmith.core.chart.ChartPainter
import dev.tunesmith.core.chart.ChartState
import dev.tunesmith.core.chart.ChartTheme
import dev.tunesmith.core.chart.Curve
import dev.tunesmith.core.chart.ENGLISH
import dev.tunesmith.core.chart.FONT
import dev.tunesmith.core.chart.SeriesBuilder
import dev.tunesmith.core.chart.SeriesData
import dev.tunesmith.core.chart.Smoothed
import dev.tunesmith.core.chart.after
import dev.tunesmith.core.chart.baseScene
import dev.tunesmith.core.chart.canvas
import dev.tunesmith.core.chart.curve
import dev.tunesmith.core.chart.layout
import dev.tunesmith.core.chart.state
import java.awt.Graphics2D
import java.awt.image.BufferedImage
import java.lang.management.ManagementFactory
import java.time.ZoneOffset
import java.util.Locale
import java.util.Random
import kotlin.math.exp

/** How long a frame of ten million values takes while the user zooms and pans, and what heap they need. */
internal fun frames() {
    val before = heap()
    val data = falling(MANY)
    val curves =
        mapOf("raw" to curve(data), "smoothed over raw" to curve(data).copy(smoothed = Smoothed.of(data, KEEP)))
    say("%,d values: heap of data and averages %.0f MB", MANY, heap() - before)
    for ((name, curve) in curves) {
        for (scale in listOf(
            1.0,
            2.0,
        )) {
            say("%s, %.0fx%.0f pixels: %s", name, WIDTH * scale, HEIGHT * scale, times(curve, scale))
        }
    }
}

/** A loss as runs have it, falling and noisy, a hundred steps a second. */
internal fun falling(count: Int): SeriesData {
    val random = Random(1)
    val builder = SeriesBuilder()
    for (i in 0 until count) {
        val value = 1.0 + exp(-3.0 * i / count) + 0.1 * random.nextGaussian()
        builder.append(i.toLong(), i / 100.0, value.toFloat().toDouble())
    }
    return builder.snapshot()
}

/** What a user sees of [state] at [scale] device pixels a unit. */
internal fun paint(state: ChartState, image: BufferedImage, scale: Double, painter: ChartPainter) {
    val graphics = image.graphics as Graphics2D
    graphics.scale(scale, scale)
    val layout = ChartLayout.of(state, canvas(WIDTH, HEIGHT, scale), ZoneOffset.UTC)
    painter.paint(graphics, baseScene(state, layout, ChartTheme.DARK, ENGLISH))
    graphics.dispose()
}

private fun times(curve: Curve, scale: Double): String {
    val image = picture(scale)
    val random = Random(2)
    val painter = ChartPainter(ChartFonts(FONT))
    val clock = ManagementFactory.getThreadMXBean()
    var state = state(curve)
    val spent = List(WARM + FRAMES) { frame ->
        val wall = System.nanoTime()
        val processor = clock.currentThreadCpuTime
        state = state.after(move(frame, random), layout(state, canvas(WIDTH, HEIGHT, scale)))
        paint(state, image, scale, painter)
        (System.nanoTime() - wall) / 1e6 to (clock.currentThreadCpuTime - processor) / 1e6
    }.drop(WARM)
    val (wall, processor) = spent.unzip()
    return "a frame takes %s (processor time p95 %.1f ms)".format(Locale.ROOT, spread(wall), percentile(processor, P95))
}

/** Moved sideways and, in turns, ever closer and ever farther. */
private fun move(frame: Int, random: Random): ChartAction = when {
    frame % 2 == 0 -> ChartAction.Pan(random.nextDouble() - 0.5, 0.0)
    frame / 40 % 2 == 0 -> ChartAction.ZoomX(random.nextDouble(), 0.8)
    else -> ChartAction.ZoomX(random.nextDouble(), 1.25)
}

internal fun picture(scale: Double = 1.0) =
    BufferedImage((WIDTH * scale).toInt(), (HEIGHT * scale).toInt(), BufferedImage.TYPE_INT_RGB)

internal const val WIDTH = 1600
internal const val HEIGHT = 900
internal const val MANY = 10_000_000
private const val KEEP = 0.99
private const val WARM = 100
private const val FRAMES = 300
