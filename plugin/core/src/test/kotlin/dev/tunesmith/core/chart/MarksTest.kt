package dev.tunesmith.core.chart

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.awt.Color
import java.awt.image.BufferedImage
import java.time.ZoneOffset

/** What happened to several runs, below curves that lie over each other. */
internal class MarksTest {
    /** Runs one above the other, each with one mark at a step of its own. */
    private fun runs(count: Int): ChartState = state(
        *Array(count) { slot ->
            val mark = Mark(KINDS[slot % KINDS.size], step(slot), step(slot) / 2.0, "told $slot")
            curve(series(List(1000) { 1.0 + slot }), slot).copy(marks = listOf(mark))
        },
    )

    private fun step(slot: Int) = 100L + 100 * slot

    private fun ChartState.looked(open: String? = null, pointed: String? = null, cursor: Double? = null) =
        copy(shared = shared.copy(open = open, pointed = pointed, cursor = cursor))

    private fun read(state: ChartState): Readout? = readout(state, layout(state), ENGLISH, ZoneOffset.UTC)

    /** In which slots' colours something is drawn in the row with this [number], at the step of the mark of [slot]. */
    private fun seen(image: BufferedImage, layout: ChartLayout, number: Int, slot: Int): List<Int> {
        val (x, y) = layout.pixelX(step(slot).toDouble()).toInt() to layout.lane(number).toInt()
        val colours = (-3..3).flatMap { dx -> (-3..3).map { dy -> Color(image.getRGB(x + dx, y + dy)) } }
        return (0..6).filter { ChartTheme.LIGHT.color(it) in colours }
    }

    @Test
    fun `a few runs have a row of marks each, in the run's colour`() {
        val state = runs(4)
        val (image, layout) = painted(state) to layout(state)
        assertEquals(4, layout.lanes)
        for (slot in 0..3) {
            for (number in 0..3) {
                val expected = if (number == slot) listOf(slot) else emptyList()
                assertEquals(expected, seen(image, layout, number, slot), "row $number at the mark of run $slot")
            }
        }
    }

    @Test
    fun `of many runs only the marks of the open one are drawn, or of the one that the pointer is next to`() {
        val many = runs(6)
        val cases = listOf(many to 0, many.looked("run-2") to 2, many.looked("run-2", "run-4") to 4)
        for ((state, shown) in cases) {
            val (image, layout) = painted(state) to layout(state)
            assertEquals(1, layout.lanes)
            val found = (0..5).associateWith { seen(image, layout, 0, it) }.filterValues { it.isNotEmpty() }
            assertEquals(mapOf(shown to listOf(shown)), found)
        }
    }

    @Test
    fun `lines at warnings and the like are those of the runs whose marks are drawn`() {
        val many = runs(6)
        val warned = KINDS.indexOf(MarkKind.WARNING)
        val at = layout(many).pixelX(step(warned).toDouble())
        fun lines(state: ChartState) = baseScene(state, layout(state), ChartTheme.LIGHT, ENGLISH)
            .shapes.filterIsInstance<Clipped>().flatMap { it.shapes }
            .filterIsInstance<Line>().filter { it.dash == Dash.DOTTED }
        assertEquals(emptyList<Line>(), lines(many.looked("run-0")))
        assertEquals(listOf(at), lines(many.looked("run-$warned")).map { it.x1 })
    }

    @Test
    fun `the read-out names run, step and what it was, the rarest first`() {
        val state = runs(3)
        val evaluation = Mark(MarkKind.EVALUATION, 101, 50.5, "f1: 0.9")
        val warning = Mark(MarkKind.WARNING, 102, 51.0, "loss spike")
        val first = state.model.curves[0].let { it.copy(marks = it.marks + evaluation + warning) }
        val several = state.copy(model = state.model.copy(curves = listOf(first) + state.model.curves.drop(1)))
        val words = read(several.looked(cursor = 101.0))?.marks.orEmpty().map { markWords(it, ENGLISH) }
        val expected = listOf(
            "run-0 · Warning · Step 102 · loss spike",
            "run-0 · Evaluation · Step 101 · f1: 0.9",
            "run-0 · Checkpoint · Step 100 · told 0",
        )
        assertEquals(expected, words)
        val rows = readoutRows(read(several.looked(cursor = 101.0)) ?: error("none"), ChartTheme.LIGHT, ENGLISH)
        assertEquals(listOf("run-2", "run-1", "run-0"), rows.take(3).map { it.left })
        assertEquals(expected, rows.drop(3).map { it.left })
    }

    @Test
    fun `of many runs the read-out tells what happened to the one whose marks are drawn`() {
        val many = runs(6)
        fun names(state: ChartState) = read(state)?.marks.orEmpty().map { it.curve.runId }
        assertEquals(listOf("run-4"), names(many.looked("run-4", cursor = step(4).toDouble())))
        assertEquals(emptyList<String>(), names(many.looked("run-0", cursor = step(4).toDouble())))
    }

    @Test
    fun `a mark beyond the last value is read too`() {
        val short = curve(series(List(100) { 1.0 }), 0).copy(marks = listOf(Mark(MarkKind.RESUMED, 900, 450.0, "")))
        val state = state(short, curve(series(List(2) { 2.0 }), 1)).looked(cursor = 900.0)
        val wide = state.copy(shared = state.shared.copy(x = Interval(0.0, 1000.0)))
        val found = read(wide) ?: error("no read-out")
        assertEquals("Step 900", found.place)
        assertEquals(listOf("run-0 · Resumed · Step 900"), found.marks.map { markWords(it, ENGLISH) })
        assertEquals(emptyList<ReadoutLine>(), found.lines)
    }

    @Test
    fun `a read-out with very long words stays in the picture`() {
        val long = Mark(MarkKind.WARNING, 50, 25.0, "word ".repeat(100))
        val state = state(curve(series(List(100) { 1.0 })).copy(marks = listOf(long))).looked(cursor = 50.0)
        val layout = layout(state)
        val scene = overlayScene(state, layout, ChartTheme.LIGHT, ENGLISH, ZoneOffset.UTC, isHere = true)
        val box = scene.shapes.filterIsInstance<RoundBox>().first().rect
        assertTrue(box.x >= 0 && box.right <= layout.canvas.width, "$box")
        val told = scene.shapes.filterIsInstance<Text>().single { "word" in it.text }
        assertTrue(told.x + layout.canvas.measure.width(told.text, told.style) <= box.right, told.text)
    }

    @Test
    fun `the run that the pointer is next to is the one whose curve is nearest`() {
        val state = runs(6)
        val layout = layout(state)
        for (slot in 0..5) {
            val y = layout.pixelY(1.0 + slot)
            assertEquals("run-$slot", runAt(state, layout, layout.pixelX(500.0), y + 3), "run $slot")
        }
        assertNull(runAt(state(curve(SeriesData.EMPTY)), layout, layout.pixelX(500.0), 100.0))
    }

    @Test
    fun `keys go from mark to mark of the runs whose marks are drawn`() {
        val many = runs(6).looked("run-3")
        val next = many.after(ChartAction.ToMark(1), layout(many))
        assertEquals(step(3).toDouble(), next.shared.cursor)
        assertEquals(next, next.after(ChartAction.ToMark(1), layout(next)))
    }

    private companion object {
        /** Those that are drawn without a hole. */
        val KINDS = listOf(MarkKind.CHECKPOINT, MarkKind.WARNING, MarkKind.MEMORY_STEP_DOWN, MarkKind.RESUMED)
    }
}
