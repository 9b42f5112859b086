package dev.tunesmith.core.panels

import dev.tunesmith.core.chart.ENGLISH
import dev.tunesmith.core.swing.tree
import dev.tunesmith.core.window.RunHeader
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.time.ZoneOffset
import javax.swing.JLabel
import javax.swing.JMenuItem

internal class TableTest {
    private val columns = runColumns(ENGLISH, ZoneOffset.UTC)
    private val intents = ArrayList<Intent>()
    private val panel = RunsPanel(ENGLISH, ZoneOffset.UTC) { intents += it }

    private fun names(state: TableState): List<String> = visible(runRows(SAMPLE_RUNS, RunSlots()), columns, state).map {
        it.run.name
    }

    private fun cell(name: String, key: String): String =
        columns.first { it.key == key }.text(runRows(SAMPLE_RUNS, RunSlots()).first { it.run.name == name })

    private fun choose(vararg names: String) {
        panel.table.table.clearSelection()
        val shown = (0 until panel.table.table.rowCount).map { panel.table.table.getValueAt(it, 1) }
        for (name in names) shown.indexOf(name).let { panel.table.table.addRowSelectionInterval(it, it) }
    }

    private fun item(words: String): JMenuItem = panel.table.menu().components.filterIsInstance<JMenuItem>().first {
        it.text ==
            words
    }

    @Test
    fun `a line tells state, progress, time left, best metric, duration, device and tags`() {
        assertEquals("Running", cell("lora-r32", "state"))
        assertEquals("64 %", cell("lora-r32", "progress"))
        assertEquals("1:30", cell("lora-r32", "left"))
        assertEquals("f1_macro 0.912", cell("lora-r32", "best"))
        assertEquals("5:20", cell("lora-r32", "duration"))
        assertEquals("cuda:0", cell("lora-r32", "device"))
        assertEquals("paper, v1", cell("baseline", "tags"))
        assertEquals("No. 2", cell("lora-r8", "progress"))
        assertEquals(NOTHING, cell("baseline", "left"))
    }

    @Test
    fun `the number of warnings stands beside the best metric, in the table and above the curves`() {
        val doubted = run("x", "finished", 1000, 0.918).copy(warningCount = 2)
        val best = columns.first { it.key == "best" }
        assertEquals("f1_macro 0.918 (warnings: 2)", best.text(runRows(listOf(doubted), RunSlots()).single()))
        val header = RunHeader(ENGLISH).apply { show(doubted) }
        val facts = header.tree().filterIsInstance<JLabel>().single { "f1_macro" in it.text.orEmpty() }
        assertTrue("best f1_macro 0.918 at step 1,000 (warnings: 2)" in facts.text, facts.text)
    }

    @Test
    fun `a state of a newer server is shown as it is`() {
        val row = runRows(listOf(run("x", "hibernating")), RunSlots()).single()
        assertEquals("hibernating", columns.first { it.key == "state" }.text(row))
    }

    @Test
    fun `every word of the filter must be somewhere, in any case`() {
        assertEquals(listOf("lora-r32", "lora-r8"), names(TableState("LORA")))
        assertEquals(listOf("baseline"), names(TableState("v1 finished")))
        assertEquals(emptyList<String>(), names(TableState("v1 running")))
    }

    @Test
    fun `rows without a value stand last, up and down`() {
        assertEquals(
            listOf("frozen", "night", "baseline", "lora-r32", "lora-r8", "wide"),
            names(TableState(sort = Sort("best", false))),
        )
        assertEquals(
            listOf("lora-r32", "baseline", "night", "frozen", "lora-r8", "wide"),
            names(TableState(sort = Sort("best", true))),
        )
    }

    @Test
    fun `a heading sorts up, down, and not at all`() {
        val state = TableState().sortedBy("name")
        assertEquals(Sort("name", false), state.sort)
        assertEquals(Sort("name", true), state.sortedBy("name").sort)
        assertEquals(null, state.sortedBy("name").sortedBy("name").sort)
        assertEquals(Sort("state", false), state.sortedBy("state").sort)
    }

    @Test
    fun `what is chosen stays chosen while runs change and the order with them`() {
        panel.show(SAMPLE_RUNS, RunSlots())
        choose("baseline", "night")
        panel.show(SAMPLE_RUNS.reversed().map { it.copy(step = it.step + 1) }, RunSlots())
        assertEquals(setOf("baseline", "night"), panel.table.selected.map { it.run.name }.toSet())
        panel.table.state = TableState(filter = "night")
        assertEquals(listOf("night"), panel.table.selected.map { it.run.name })
    }

    @Test
    fun `the menu offers what fits the state of the chosen runs`() {
        panel.show(SAMPLE_RUNS, RunSlots())
        choose("lora-r32")
        assertTrue(item("Pause").isEnabled)
        assertFalse(item("Resume").isEnabled)
        assertFalse(item("Delete").isEnabled)
        item("Stop with a checkpoint").doClick()
        choose("night")
        assertTrue(item("Resume").isEnabled)
        choose("night", "baseline")
        item("Compare").doClick()
        assertEquals(
            listOf(
                Intent.Command("20260101-lora-r32", "stop"),
                Intent.Compare(listOf("20260101-baseline", "20260101-night")),
            ),
            intents.filter { it is Intent.Command || it is Intent.Compare },
        )
    }

    @Test
    fun `keys do what the menu does`() {
        panel.show(SAMPLE_RUNS, RunSlots().shown("20260101-night"))
        choose("night")
        intents.clear()
        for (key in listOf("ENTER", "SPACE", "DELETE")) panel.table.table.actionMap.get(key).actionPerformed(null)
        assertEquals(
            listOf(
                Intent.OpenRun("20260101-night"),
                Intent.ShowCurves("20260101-night", false),
                Intent.Delete(listOf("20260101-night")),
            ),
            intents,
        )
    }

    @Test
    fun `a run keeps its colour while others come and go`() {
        val slots = RunSlots().shown("a").shown("b").shown("c").hidden("a").shown("d")
        assertEquals(mapOf("b" to 1, "c" to 2, "d" to 0), slots.slots)
        assertEquals(slots, slots.shown("c"))
    }

    @Test
    fun `the curves of the open run make room for those of the next one, unless they are kept`() {
        val kept = RunSlots().shown("a").opened("b")
        assertEquals(RunSlots(mapOf("a" to 0, "b" to 1), passing = "b"), kept)
        assertEquals(RunSlots(mapOf("a" to 0, "c" to 1), passing = "c"), kept.opened("c"))
        assertEquals(RunSlots(mapOf("a" to 0)), kept.opened("a"))
        assertEquals(mapOf("a" to 0, "b" to 1, "c" to 2), kept.shown("b").opened("c").slots)
    }

    @Test
    fun `a run that is chosen is opened, several are told together, and a change of the rows is no choice`() {
        panel.show(SAMPLE_RUNS, RunSlots())
        choose("night")
        choose("night", "baseline")
        panel.show(SAMPLE_RUNS.map { it.copy(step = it.step + 1) }, RunSlots())
        panel.show(SAMPLE_RUNS.drop(1), RunSlots())
        panel.choose("20260101-wide")
        val opened = intents.distinct()
        assertEquals(Intent.OpenRun("20260101-night"), opened.first())
        assertEquals(Intent.Choose(listOf("20260101-baseline", "20260101-night")), opened.last())
        assertEquals(listOf("wide"), panel.table.selected.map { it.run.name })
    }

    @Test
    fun `sizes, shares and spans read well`() {
        assertEquals(
            listOf("0 B", "999 B", "1 kB", "1.5 MB", "123 GB"),
            listOf(0L, 999L, 1000L, 1_490_000L, 123_400_000_000L).map(::bytesWords),
        )
        assertEquals(
            listOf("0 %", "<0.1 %", "12.5 %", ">99.9 %", "100 %"),
            listOf(0.0, 0.0001, 0.125, 0.9999, 1.0).map(::shareWords),
        )
        assertEquals(
            listOf("8 s", "3:05", "1:15:00", "2 d 6 h", NOTHING),
            listOf(8.0, 185.0, 4500.0, 194_400.0, null).map(::spanWords),
        )
        assertEquals("2", anyWords(2.0))
        assertEquals("a, b", anyWords(listOf("a", "b")))
    }

    @Test
    fun `a thousand runs are filtered and sorted at once`() {
        panel.show(List(1000) { run("run-$it", "finished", it.toLong(), it / 1000.0) }, RunSlots())
        panel.table.state = TableState("run-9", Sort("best", true))
        assertEquals("run-999", panel.table.table.getValueAt(0, 1))
        assertEquals(111, panel.table.table.rowCount)
    }
}
