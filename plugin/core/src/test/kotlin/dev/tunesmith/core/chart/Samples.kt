package dev.tunesmith.core.chart

import dev.tunesmith.core.Words
import java.awt.Font
import java.awt.image.BufferedImage
import java.time.ZoneOffset
import java.util.Locale
import java.util.Random
import kotlin.math.exp

internal val ENGLISH = Words(Locale.ENGLISH)
internal val FONT = Font(Font.SANS_SERIF, Font.PLAIN, 13)

internal fun series(vararg values: Double): SeriesData = series(values.toList())

internal fun series(values: List<Double>, secondsPerStep: Double = 0.5): SeriesData = SeriesBuilder().also { builder ->
    values.forEachIndexed { i, value -> builder.append(i.toLong(), i * secondsPerStep, value) }
}.snapshot()

internal fun curve(data: SeriesData, slot: Int = 0, name: String = "run-$slot"): Curve =
    Curve(runId = name, name = name, slot = slot, data = data)

internal fun state(vararg curves: Curve): ChartState = ChartState(ChartModel("loss", curves.toList()))

internal fun canvas(width: Int = 800, height: Int = 400, scale: Double = 1.0): Canvas =
    Canvas(width.toDouble(), height.toDouble(), scale, 13.0, ChartFonts(FONT).measure())

internal fun layout(state: ChartState, canvas: Canvas = canvas()): ChartLayout =
    ChartLayout.of(state, canvas, ZoneOffset.UTC)

/** What is painted, with the read-out if there is a cursor. */
internal fun painted(
    state: ChartState,
    theme: ChartTheme = ChartTheme.LIGHT,
    canvas: Canvas = canvas(),
    words: Words = ENGLISH,
): BufferedImage {
    val image =
        BufferedImage(
            (canvas.width * canvas.scale).toInt(),
            (canvas.height * canvas.scale).toInt(),
            BufferedImage.TYPE_INT_RGB,
        )
    val g = image.createGraphics()
    g.scale(canvas.scale, canvas.scale)
    val layout = layout(state, canvas)
    ChartPainter(ChartFonts(FONT)).paint(g, baseScene(state, layout, theme, words))
    ChartPainter(ChartFonts(FONT)).paint(g, overlayScene(state, layout, theme, words, ZoneOffset.UTC, isHere = true))
    g.dispose()
    return image
}

/** A loss as runs have it: falling, noisy, with spikes. */
internal fun losses(count: Int, seed: Long, from: Double = 2.4, to: Double = 0.3, spikes: Int = 3): List<Double> {
    val random = Random(seed)
    val at = List(spikes) { random.nextInt(count) }.toSet()
    return List(count) { i ->
        val base = to + (from - to) * exp(-5.0 * i / count)
        val value = base * (1 + 0.12 * random.nextGaussian()) + if (i in at) base * 2.5 else 0.0
        maxOf(0.01, value).toFloat().toDouble()
    }
}
