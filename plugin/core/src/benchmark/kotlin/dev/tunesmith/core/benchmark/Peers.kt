package dev.tunesmith.core.benchmark

import dev.tunesmith.core.chart.ChartFonts
import dev.tunesmith.core.chart.ChartPainter
import dev.tunesmith.core.chart.FONT
import dev.tunesmith.core.chart.Interval
import dev.tunesmith.core.chart.SeriesData
import dev.tunesmith.core.chart.curve
import dev.tunesmith.core.chart.state
import org.jfree.chart.JFreeChart
import org.jfree.chart.axis.NumberAxis
import org.jfree.chart.plot.XYPlot
import org.jfree.chart.renderer.xy.SamplingXYLineRenderer
import org.jfree.chart.renderer.xy.XYItemRenderer
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer
import org.jfree.data.xy.DefaultXYDataset
import org.knowm.xchart.XYChartBuilder
import org.knowm.xchart.style.markers.SeriesMarkers
import java.awt.Graphics2D
import java.awt.Rectangle
import java.awt.image.BufferedImage
import java.util.Random

/** Paints what lies between two steps. */
private fun interface Drawing {
    fun draw(image: BufferedImage, steps: Interval)
}

/**
 * A frame of a million values beside XChart and JFreeChart, as it comes and with its renderer for long series: the same
 * values, size and windows, in turns. Each frame shows another window, of at least nine tenths of the values.
 */
internal fun peers() {
    val data = falling(FEWER)
    val drawings = mapOf(
        "ours" to ours(data),
        "XChart" to xChart(data),
        "JFreeChart" to jFreeChart(data, XYLineAndShapeRenderer(true, false)),
        "JFreeChart sampling" to jFreeChart(data, SamplingXYLineRenderer()),
    )
    val image = picture()
    val random = Random(3)
    val rounds = List(WARM + ROUNDS) {
        val windows = List(WINDOWS) { window(random) }
        drawings.mapValues { (_, drawing) -> windows.map { window -> milliseconds { drawing.draw(image, window) } } }
    }.drop(WARM)
    for (name in drawings.keys) {
        val times = rounds.flatMap { it.getValue(name) }
        val ratios = rounds.map { percentile(it.getValue(name), MEDIAN) / percentile(it.getValue("ours"), MEDIAN) }
        say(
            "%-20s a frame takes p50 %8.1f ms, p95 %8.1f ms: %6.1f times ours (%.1f to %.1f)",
            name,
            percentile(times, MEDIAN),
            percentile(times, P95),
            percentile(ratios, MEDIAN),
            ratios.min(),
            ratios.max(),
        )
    }
}

private fun window(random: Random): Interval {
    val from = 0.1 * FEWER * random.nextDouble()
    return Interval(from, from + 0.9 * FEWER)
}

private fun milliseconds(what: () -> Unit): Double {
    val began = System.nanoTime()
    what()
    return (System.nanoTime() - began) / 1e6
}

private fun ours(data: SeriesData): Drawing {
    val shown = state(curve(data))
    val painter = ChartPainter(ChartFonts(FONT))
    return Drawing { image, steps -> paint(shown.copy(shared = shown.shared.copy(x = steps)), image, 1.0, painter) }
}

private fun xChart(data: SeriesData): Drawing {
    val chart = XYChartBuilder().width(WIDTH).height(HEIGHT).title("loss").xAxisTitle("step").build()
    val series = chart.addSeries("run", steps(data), values(data))
    series.setMarker(SeriesMarkers.NONE)
    return Drawing { image, steps ->
        chart.styler.setXAxisMin(steps.from).setXAxisMax(steps.to)
        image.painted { chart.paint(it, WIDTH, HEIGHT) }
    }
}

private fun jFreeChart(data: SeriesData, renderer: XYItemRenderer): Drawing {
    val dataset = DefaultXYDataset().apply { addSeries("run", arrayOf(steps(data), values(data))) }
    val axis = NumberAxis("step")
    val chart = JFreeChart("loss", XYPlot(dataset, axis, NumberAxis("loss"), renderer))
    return Drawing { image, steps ->
        axis.setRange(steps.from, steps.to)
        image.painted { chart.draw(it, Rectangle(WIDTH, HEIGHT)) }
    }
}

private fun BufferedImage.painted(paint: (Graphics2D) -> Unit) = (graphics as Graphics2D).run {
    paint(this)
    dispose()
}

private fun steps(data: SeriesData) = DoubleArray(data.size) { data.step(it).toDouble() }

private fun values(data: SeriesData) = DoubleArray(data.size) { data.value(it) }

private const val FEWER = 1_000_000
private const val WARM = 1
private const val ROUNDS = 3
private const val WINDOWS = 2
