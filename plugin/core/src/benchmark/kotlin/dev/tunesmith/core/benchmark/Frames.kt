package dev.tunesmith.core.chart

import java.awt.image.BufferedImage
import java.lang.management.ManagementFactory
import java.time.ZoneOffset
import java.util.Locale
import java.util.Random

/** Prints how much work frames are, in processor time of the painting thread: ten million values (or as many as the property `points` says) at 1600 x 900. */
internal fun main() {
    val points = Integer.getInteger("points", 10_000_000)
    val frames = Integer.getInteger("frames", 300)
    val runtime = Runtime.getRuntime()
    fun heap(): Double {
        repeat(3) { System.gc() }
        return (runtime.totalMemory() - runtime.freeMemory()) / 1e6
    }
    val before = heap()
    val random = Random(1)
    val began = System.nanoTime()
    val builder = SeriesBuilder()
    for (i in 0 until points) {
        builder.append(
            i.toLong(),
            i * 0.01,
            (
                1.0 + Math.exp(-i * 3.0 / points) +
                    0.1 * random.nextGaussian()
                ).toFloat().toDouble(),
        )
    }
    val data = builder.snapshot()
    println("built in %.0f ms".format(Locale.ROOT, (System.nanoTime() - began) / 1e6))
    val smoothBegan = System.nanoTime()
    val smoothed = Smoothed.of(data, 0.99)
    println("smoothed in %.0f ms".format(Locale.ROOT, (System.nanoTime() - smoothBegan) / 1e6))
    val plain = curve(data)
    println("heap for data and averages: %.0f MB".format(Locale.ROOT, heap() - before))
    for ((name, curve) in mapOf("raw" to plain, "smoothed over raw" to plain.copy(smoothed = smoothed))) {
        for (scale in listOf(1.0, 2.0)) println("$name, scale $scale: " + frameTimes(curve, scale, frames))
    }
}

private fun frameTimes(curve: Curve, scale: Double, frames: Int): String {
    val image = BufferedImage((1600 * scale).toInt(), (900 * scale).toInt(), BufferedImage.TYPE_INT_RGB)
    val random = Random(2)
    val painter = ChartPainter(ChartFonts(FONT))
    val canvas = canvas(1600, 900, scale)
    var state = state(curve)
    val times = ArrayList<Double>()
    val clock = ManagementFactory.getThreadMXBean()
    repeat(frames + 100) { frame ->
        val layout = layout(state, canvas)
        val action = if (frame % 2 ==
            0
        ) {
            ChartAction.Pan(random.nextDouble() - 0.5, 0.0)
        } else {
            ChartAction.ZoomX(
                random.nextDouble(),
                if (frame /
                    40 %
                    2 ==
                    0
                ) {
                    0.8
                } else {
                    1.25
                },
            )
        }
        state = state.after(action, layout)
        val began = clock.currentThreadCpuTime
        val g = image.createGraphics()
        g.scale(scale, scale)
        val now = ChartLayout.of(state, canvas, ZoneOffset.UTC)
        painter.paint(g, baseScene(state, now, ChartTheme.DARK, ENGLISH))
        g.dispose()
        if (frame >= 100) times += (clock.currentThreadCpuTime - began) / 1e6
    }
    times.sort()
    return "processor time of a frame p50 %.1f ms, p95 %.1f ms, most %.1f ms".format(
        Locale.ROOT,
        times[times.size / 2],
        times[
            times.size *
                95 /
                100,
        ],
        times.last(),
    )
}
