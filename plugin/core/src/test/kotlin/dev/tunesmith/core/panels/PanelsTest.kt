package dev.tunesmith.core.panels

import dev.tunesmith.core.chart.ChartTheme
import dev.tunesmith.core.chart.ENGLISH
import dev.tunesmith.core.protocol.Block
import dev.tunesmith.core.protocol.Comparison
import dev.tunesmith.core.protocol.RowPlace
import dev.tunesmith.core.protocol.Sample
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.awt.event.MouseEvent
import java.awt.image.BufferedImage
import java.time.ZoneOffset
import javax.swing.JMenuItem

internal class PanelsTest {
    private val intents = ArrayList<Intent>()

    private fun click(table: TablePanel<*>, row: Int, words: String) {
        table.table.setRowSelectionInterval(row, row)
        table.menu().components.filterIsInstance<JMenuItem>().first { it.text == words }.doClick()
    }

    @Test
    fun `differences show only what differs, run by run`() {
        val rows = differenceRows(SAMPLE_COMPARISON, ENGLISH)
        assertEquals(
            listOf("training.learning_rate", "method.lora.rank", "f1_macro", "data/messages.csv", "commit"),
            rows.map {
                it.name
            },
        )
        assertEquals(listOf("32", NOTHING), rows[1].values)
        val panel = DifferencesPanel(ENGLISH)
        panel.show(SAMPLE_COMPARISON)
        assertEquals(
            listOf("Part", "What", "lora-r32", "baseline"),
            (0 until 4).map {
                panel.table.table.getColumnName(it)
            },
        )
        panel.show(Comparison(runs = SAMPLE_RUNS.take(2)))
        assertEquals("These runs do not differ", panel.table.empty)
    }

    @Test
    fun `a row opens its file at its line`() {
        val panel = SamplesPanel(ENGLISH) { intents += it }
        panel.show(SAMPLE_ROWS)
        click(panel.table, 0, "Open in the data file")
        assertEquals(listOf<Intent>(Intent.OpenPlace("/project/data/messages.csv", 204)), intents)
        click(panel.table, 3, "Open in the data file")
        assertEquals(1, intents.size)
        assertEquals("messages.csv:204", panel.table.table.getValueAt(0, 5))
        assertEquals("text: number  extra: 3", panel.table.table.getValueAt(3, 4))
    }

    @Test
    fun `a chosen row is shown in full, whatever its answers are`() {
        val panel = SamplesPanel(ENGLISH) { }
        val text = "Bob Smith flew to Paris.\nHe came back."
        val parts = mapOf("name" to "Bob", "size" to 2L)
        panel.show(
            listOf(
                Sample(0, "a.jsonl", 1, mapOf("text" to text), listOf("Bob Smith (PER)", "Paris (LOC)"), listOf("x")),
                Sample(1, "a.jsonl", 2, mapOf("text" to "no more"), parts, emptyList<Any>()),
                Sample(2, "a.jsonl", 3),
            ),
        )
        val table = panel.table.table
        assertEquals("Bob Smith (PER), Paris (LOC)", table.getValueAt(0, 1))
        assertEquals(listOf("name: Bob, size: 2", NOTHING), listOf(table.getValueAt(1, 1), table.getValueAt(1, 2)))
        assertEquals("", panel.whole.text)
        table.setRowSelectionInterval(0, 0)
        val all = "Expected: \n    Bob Smith (PER)\n    Paris (LOC)\nPredicted: x\ntext: \n    " +
            "Bob Smith flew to Paris.\n    He came back."
        assertEquals(all, panel.whole.text)
        table.setRowSelectionInterval(1, 1)
        assertEquals("Expected: \n    name: Bob\n    size: 2\nPredicted: –\ntext: no more", panel.whole.text)
        table.setRowSelectionInterval(0, 1)
        assertEquals("", panel.whole.text)
        table.setRowSelectionInterval(0, 0)
        panel.show(listOf(Sample(0, "a.jsonl", 1, mapOf("text" to "of another run"), "a", "b")))
        assertEquals("Expected: a\nPredicted: b\ntext: of another run", panel.whole.text)
        panel.showPlaces(listOf(RowPlace("a.jsonl", 1)))
        assertEquals("", panel.whole.text)
    }

    @Test
    fun `an answer of many parts is shown part by part`() {
        val entities = listOf(mapOf("text" to "Bob", "type" to "PER"), mapOf("text" to "Paris", "type" to "LOC"))
        assertEquals(
            "entities:\n    text: Bob, type: PER\n    text: Paris, type: LOC",
            answerText(mapOf("entities" to entities)),
        )
        val vector = List(384) { if (it % 2 == 0) 0.25 else -0.25 } // its norm: the root of 384 / 16
        val said = "embedding: 0.25, −0.25, 0.25, −0.25, 0.25, −0.25, 0.25, −0.25, … (384; ‖x‖ = 4.899)"
        assertEquals(said, answerText(mapOf("embedding" to vector)))
        assertEquals(said, answerLine(mapOf("embedding" to vector)))
        assertEquals("1, 2, 3", anyWords(listOf(1L, 2L, 3L)))
        assertEquals(
            "good 97 %\n\n97 %\tgood",
            answerText(
                mapOf(
                    "label" to "good",
                    "probability" to 0.97,
                    "probabilities" to mapOf("good" to 0.97),
                ),
            ),
        )
    }

    @Test
    fun `a checkpoint shows size and metric, and can be started from and exported`() {
        val panel = CheckpointsPanel(ENGLISH, ZoneOffset.UTC) { intents += it }
        panel.show("run", SAMPLE_CHECKPOINTS, "f1_macro")
        assertEquals(
            listOf("800", "0.91", "91.4 MB", "newest, best"),
            (0 until 4).map { panel.table.table.getValueAt(1, it) },
        )
        click(panel.table, 1, "Start a run from here")
        click(panel.table, 0, "Export…")
        assertEquals(listOf(Intent.StartFrom("run", 800), Intent.Export("run", 1000)), intents)
    }

    @Test
    fun `a checkpoint says why it stays, and can be kept and let go, by a key too`() {
        val panel = CheckpointsPanel(ENGLISH, ZoneOffset.UTC) { intents += it }
        panel.show("run", SAMPLE_CHECKPOINTS, "f1_macro")
        click(panel.table, 1, "Keep")
        click(panel.table, 2, "No longer keep")
        panel.table.table.setRowSelectionInterval(1, 2)
        panel.table.table.actionMap.get("SPACE").actionPerformed(null)
        assertEquals(
            listOf<Intent>(
                Intent.Keep("run", listOf(800), true),
                Intent.Keep("run", listOf(600), false),
                Intent.Keep("run", listOf(800, 600), true),
            ),
            intents,
        )
        panel.table.state = TableState(sort = Sort("kept", false))
        assertEquals(
            listOf("your choice", "newest, best", "newest"),
            (0 until 3).map { panel.table.table.getValueAt(it, 3) },
        )
    }

    @Test
    fun `a click on a cell of the matrix asks for the rows behind it`() {
        val view = confusionView()
        val rect = view.layoutNow().rect(Cell(3, 0))
        for (id in listOf(MouseEvent.MOUSE_PRESSED, MouseEvent.MOUSE_CLICKED)) {
            view.dispatchEvent(
                MouseEvent(view, id, 0, 0, rect.x.toInt() + 5, rect.y.toInt() + 5, 1, false, MouseEvent.BUTTON1),
            )
        }
        assertEquals(listOf<Intent>(Intent.ShowRows("run", "praise", "delivery")), intents)
        assertEquals(
            "praise taken for delivery: 9 rows, 22.5 % of the true label",
            view.accessibleContext.accessibleDescription,
        )
    }

    @Test
    fun `the matrix can be walked with the arrow keys`() {
        val view = confusionView()
        for (key in listOf(
            "DOWN",
            "DOWN",
            "RIGHT",
            "UP",
            "LEFT",
            "LEFT",
            "ENTER",
        )) {
            view.actionMap.get(key).actionPerformed(null)
        }
        assertEquals(Cell(0, 0), view.chosen)
        assertEquals(listOf<Intent>(Intent.ShowRows("run", "delivery", "delivery")), intents)
    }

    @Test
    fun `right answers and mistakes differ in colour, by their share`() {
        val view = confusionView()
        val image = BufferedImage(view.width, view.height, BufferedImage.TYPE_INT_RGB)
        view.paint(image.createGraphics())
        fun pixel(cell: Cell) = view.layoutNow().rect(cell).let { image.getRGB(it.x.toInt() + 6, it.y.toInt() + 6) }
        assertTrue(setOf(pixel(Cell(0, 0)), pixel(Cell(3, 0)), pixel(Cell(0, 1)), pixel(Cell(0, 2))).size == 4)
        assertEquals(ChartTheme.LIGHT.grid.rgb, pixel(Cell(0, 2)))
    }

    @Test
    fun `a matrix without rows or labels is no reason to fail`() {
        val view = confusionView()
        for (matrix in listOf(
            Block(),
            Block(labels = listOf("a")),
            Block(labels = listOf("a", "b"), counts = listOf(listOf(0L, 0L), listOf(0L, 0L))),
        )) {
            view.show("run", matrix)
            view.actionMap.get("DOWN").actionPerformed(null)
            view.paint(BufferedImage(300, 200, BufferedImage.TYPE_INT_RGB).createGraphics())
        }
    }

    private fun confusionView(): ConfusionView = ConfusionView(ENGLISH) { intents += it }.apply {
        show("run", SAMPLE_MATRIX)
        setSize(560, 320)
    }

    @Test
    fun `devices show what is measured and leave out what is not`() {
        val rows = deviceRows(SAMPLE_DEVICES, ENGLISH)
        assertEquals(listOf("This machine, 16 cores", "NVIDIA H100 (cuda:0)"), rows.map { it.title })
        assertEquals(listOf("81 GB of 85 GB", "97 %", "412 W"), rows[1].gauges.map { it.words })
        val bare =
            deviceRows(
                SAMPLE_DEVICES.copy(
                    devices = SAMPLE_DEVICES.devices.map {
                        it.copy(load = null, powerW = null)
                    },
                ),
                ENGLISH,
            )
        assertEquals(listOf("Memory"), bare[1].gauges.map { it.name })
        assertEquals(listOf(true, false, false), rows[1].gauges.map { it.isNearlyFull }, "much load is what one wants")
        val view = DevicesView(ENGLISH).apply { show(SAMPLE_DEVICES) }
        assertTrue("Load 97 %" in view.accessibleContext.accessibleDescription)
    }

    @Test
    fun `the log is searched forwards and backwards and around its ends`() {
        val panel = LogPanel(ENGLISH) { intents += it }
        panel.show("step 1 loss 2\nSTEP 2\nwarning\nstep 3\n")
        panel.search.text = "step"
        assertEquals("1 of 3", panel.found.text)
        panel.search.actionMap.get("shift ENTER").actionPerformed(null)
        assertEquals("3 of 3", panel.found.text)
        assertEquals("step", panel.area.selectedText)
        panel.search.actionMap.get("ENTER").actionPerformed(null)
        assertEquals("1 of 3", panel.found.text)
        panel.search.text = "nowhere"
        assertEquals("Not found", panel.found.text)
    }

    @Test
    fun `a place in the log opens its file`() {
        val panel = LogPanel(ENGLISH) { intents += it }
        val log = "fine\n  File \"/p/model.py\", line 12, in forward\nbad row data/messages.csv:204: empty label\n"
        panel.show(log)
        panel.open(log.indexOf("model"))
        panel.open(log.indexOf("messages"))
        panel.open(1)
        assertEquals(
            listOf<Intent>(Intent.OpenPlace("/p/model.py", 12), Intent.OpenPlace("data/messages.csv", 204)),
            intents,
        )
    }

    @Test
    fun `a progress bar that writes over itself keeps its last state`() {
        val log = LogText().appended("start\n 10%\r 20%\r").appended(" 30%\rdone\nnext\r\n")
        assertEquals("start\ndone\nnext\n", log.text)
        assertEquals("a\n50%\r", LogText().appended("a\n10%\r50%\r").text)
    }

    @Test
    fun `a long log keeps its end, in whole lines`() {
        val log = (1..1000).fold(LogText(most = 500)) { log, number -> log.appended("line $number\n") }
        assertTrue(log.isCut && log.text.length <= 500)
        assertTrue(log.text.startsWith("line ") && log.text.endsWith("line 1000\n"))
        assertNull(log.linkAt(5000))
    }

    @Test
    fun `settings show every key with its value`() {
        val panel = settingsPanel(ENGLISH)
        panel.show(mapOf("training.epochs" to 3.0, "data.text" to listOf("a", "b"), "seed" to null))
        val rows = listOf("training.epochs" to "3", "data.text" to "a, b", "seed" to NOTHING)
        assertEquals(rows, shown(panel))
    }

    @Test
    fun `figures are sorted as numbers`() {
        val panel = figuresPanel(ENGLISH)
        panel.show(mapOf("loss" to 11.5, "f1" to 0.9, "accuracy" to 2.0))
        panel.component.state = TableState(sort = Sort("value", false))
        assertEquals(listOf("f1" to "0.9", "accuracy" to "2", "loss" to "11.5"), shown(panel))
    }

    private fun shown(panel: ValuesPanel<*>) = with(panel.component.table) {
        (0 until rowCount).map { getValueAt(it, 0) to getValueAt(it, 1) }
    }
}
