package dev.tunesmith.core.chart

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.awt.Color
import java.awt.image.BufferedImage
import kotlin.math.abs

internal class ChartPictureTest {
    private fun near(image: BufferedImage, x: Double, y: Double, color: Color, within: Int = 2): Boolean {
        for (dx in -within..within) {
            for (dy in -within..within) {
                val px = x.toInt() + dx
                val py = y.toInt() + dy
                if (px !in 0 until image.width || py !in 0 until image.height) continue
                if (isLike(Color(image.getRGB(px, py)), color)) return true
            }
        }
        return false
    }

    private fun isLike(a: Color, b: Color) =
        abs(a.red - b.red) < 40 && abs(a.green - b.green) < 40 && abs(a.blue - b.blue) < 40

    private fun count(image: BufferedImage, color: Color): Int = (0 until image.width).sumOf { x ->
        (0 until image.height).count { y -> isLike(Color(image.getRGB(x, y)), color) }
    }

    @Test
    fun `the curve is where the data says`() {
        for (theme in listOf(ChartTheme.LIGHT, ChartTheme.DARK)) {
            val state = state(curve(series(1.0, 4.0, 2.0, 3.0)))
            val image = painted(state, theme)
            val layout = layout(state)
            for (i in 0 until 4) {
                val value = state.model.curves[0].data.value(i)
                assertTrue(near(image, layout.pixelX(i.toDouble()), layout.pixelY(value), theme.color(0)), "point $i")
            }
            assertEquals(theme.background.rgb, image.getRGB(layout.plot.x.toInt() + 30, layout.plot.y.toInt() + 3))
        }
    }

    @Test
    fun `one spike among a million values is seen`() {
        val spike = 654_321
        val state = state(curve(series(List(1_000_000) { if (it == spike) 100.0 else 1.0 })))
        val image = painted(state)
        val layout = layout(state)
        for (value in listOf(20.0, 50.0, 80.0)) {
            assertTrue(
                near(image, layout.pixelX(spike.toDouble()), layout.pixelY(value), ChartTheme.LIGHT.color(0)),
                "at $value",
            )
        }
    }

    @Test
    fun `raw values stay behind their average, paler`() {
        val data = series(losses(4000, 1))
        val plain = curve(data)
        val smoothed = plain.copy(smoothed = Smoothed.of(data, 0.98))
        val color = ChartTheme.LIGHT.color(0)
        val before = count(painted(state(plain)), color)
        val after = count(painted(state(smoothed)), color)
        assertTrue(after in 200 until before / 2, "$before pixels before, $after after")
        val pale = Color(
            255 - (255 - color.red) * 84 / 255,
            255 - (255 - color.green) * 84 / 255,
            255 - (255 - color.blue) * 84 / 255,
        )
        assertTrue(count(painted(state(smoothed)), pale) > 1000)
    }

    @Test
    fun `several runs have several colours`() {
        val image = painted(state(curve(series(1.0, 2.0), 0), curve(series(2.0, 1.0), 1), curve(series(1.5, 1.5), 2)))
        for (slot in 0..2) assertTrue(count(image, ChartTheme.LIGHT.color(slot)) > 300, "slot $slot")
    }

    @Test
    fun `nothing, one value and only NaN are drawn without a crash on every axis and scale`() {
        val cases = listOf(
            emptyList(),
            listOf(1.0),
            listOf(0.0, 0.0),
            listOf(Double.NaN, Double.NaN),
            listOf(Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY),
            listOf(-1.0, -2.0),
            listOf(Double.MAX_VALUE, -Double.MAX_VALUE),
            listOf(Double.MIN_VALUE, Double.MAX_VALUE),
            listOf(1e-320, 5e-320),
        )
        for (values in cases) {
            for (axis in XAxis.entries) {
                for (scale in YScale.entries) {
                    for (canvas in listOf(canvas(), canvas(60, 40), canvas(1, 1))) {
                        painted(
                            ChartState(
                                ChartModel("loss", listOf(curve(series(values)))),
                                Shared(axis, scale, cursor = 0.5),
                            ),
                            canvas = canvas,
                        )
                    }
                }
            }
        }
    }

    @Test
    fun `marks and the best point are drawn in the colour of their run`() {
        val marks = MarkKind.entries.mapIndexed { i, kind -> Mark(kind, 10L * (i + 1), 5.0 * (i + 1), "") }
        val curve = curve(
            series(
                List(100) {
                    1.0 + it % 10
                },
            ),
            slot = 1,
        ).copy(marks = marks, best = BestPoint(50, 25.0, 1.0))
        val state = state(curve)
        val image = painted(state)
        val layout = layout(state)
        val lane = layout.lane(0)
        for (mark in marks) {
            assertTrue(
                near(image, layout.pixelX(mark.step.toDouble()), lane, ChartTheme.LIGHT.color(1), 4),
                "${mark.kind}",
            )
        }
        assertTrue(near(image, layout.pixelX(50.0) + 5, layout.pixelY(1.0), ChartTheme.LIGHT.color(1)))
    }

    @Test
    fun `at double scale the picture has the double pixels and the same shapes`() {
        val state = state(curve(series(losses(5000, 3))))
        val once = painted(state)
        val twice = painted(state, canvas = canvas(scale = 2.0))
        assertEquals(once.width * 2, twice.width)
        val ratio = count(twice, ChartTheme.LIGHT.color(0)).toDouble() / count(once, ChartTheme.LIGHT.color(0))
        assertTrue(ratio in 2.5..5.0, "ratio $ratio")
    }

    @Test
    fun `the read-out names step, value and run, and what a pixel hides`() {
        val state = state(curve(series(List(100_000) { if (it == 50_000) 9.0 else 0.5 }), name = "baseline"))
        val pointed = state.copy(shared = state.shared.copy(cursor = 50_010.0))
        val found = readout(pointed, layout(pointed), ENGLISH, java.time.ZoneOffset.UTC) ?: error("no read-out")
        assertEquals("Step 50,010", found.place)
        assertEquals("baseline", found.lines.single().curve.name)
        assertEquals("0.5", found.lines.single().value)
        assertEquals("0.5 … 9", found.lines.single().range)
        assertNotEquals(painted(state).getRGB(0, 0), 0)
    }

    @Test
    fun `a run that ended long before the cursor is not read there`() {
        val state = state(curve(series(List(100) { 1.0 }), 0), curve(series(List(1000) { 2.0 }), 1))
        val pointed = state.copy(shared = state.shared.copy(cursor = 800.0))
        assertEquals(
            listOf("run-1"),
            readout(pointed, layout(pointed), ENGLISH, java.time.ZoneOffset.UTC)?.lines?.map {
                it.curve.runId
            },
        )
    }
}
