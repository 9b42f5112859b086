package dev.tunesmith.core.chart

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.time.ZoneOffset
import kotlin.math.abs

/** The IDE's zoom makes the font larger, and all of a chart has to follow it. */
internal class ChartScaleTest {
    private class Drawn(val layout: ChartLayout, val shapes: List<Shape>) {
        /** But for the values that a pixel hides: a larger chart hides fewer. */
        val texts: List<Text> get() = shapes.filterIsInstance<Text>().filterNot { "…" in it.text }
        val boxes: List<Rect> get() = shapes.filterIsInstance<RoundBox>().map { it.rect }
        val lines: List<Double> get() = shapes.filterIsInstance<Polyline>().map { it.width }
    }

    private fun drawn(state: ChartState, times: Int): Drawn {
        val measure = ChartFonts(FONT.deriveFont(13f * times)).measure()
        val layout = layout(state, Canvas(800.0 * times, 400.0 * times, 1.0, 13.0 * times, measure))
        val base = baseScene(state, layout, ChartTheme.LIGHT, ENGLISH)
        val overlay = overlayScene(state, layout, ChartTheme.LIGHT, ENGLISH, ZoneOffset.UTC, isHere = true)
        return Drawn(layout, (base.shapes + overlay.shapes).flatMap { if (it is Clipped) it.shapes else listOf(it) })
    }

    @Test
    fun `with a font of twice the size a chart is the same, twice as large`() {
        for ((name, state) in chartSamples()) {
            val (once, twice) = drawn(state, 1) to drawn(state, 2)
            assertEquals(once.texts.map { it.text }, twice.texts.map { it.text }, name)
            for ((small, large) in once.texts zip twice.texts) {
                assertTrue(isTwice(small.x, large.x) && isTwice(small.y, large.y), "$name: $small, $large")
            }
            assertEquals(once.boxes.size, twice.boxes.size, name)
            for ((small, large) in once.boxes zip twice.boxes) {
                assertTrue(isTwice(small.width, large.width) && isTwice(small.x, large.x), "$name: $small, $large")
            }
            assertEquals(once.lines.map { it * 2 }.toSet(), twice.lines.toSet(), name)
            for (lane in 0 until once.layout.lanes) {
                assertTrue(isTwice(once.layout.lane(lane), twice.layout.lane(lane)), "$name, lane $lane")
            }
        }
    }

    /** But for what was rounded to whole pixels. */
    private fun isTwice(small: Double, large: Double) = abs(2 * small - large) <= ROUNDED

    private companion object {
        const val ROUNDED = 4.0
    }
}
