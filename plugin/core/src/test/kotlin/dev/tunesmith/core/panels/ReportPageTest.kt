package dev.tunesmith.core.panels

import dev.tunesmith.core.chart.ENGLISH
import dev.tunesmith.core.chart.ExportFormat
import dev.tunesmith.core.chart.PanelsView
import dev.tunesmith.core.client.Codec
import dev.tunesmith.core.protocol.Block
import dev.tunesmith.core.protocol.BlockKind
import dev.tunesmith.core.protocol.Mark
import dev.tunesmith.core.protocol.MarkedText
import dev.tunesmith.core.protocol.Panel
import dev.tunesmith.core.protocol.Report
import dev.tunesmith.core.protocol.Span
import dev.tunesmith.core.swing.onUi
import dev.tunesmith.core.swing.only
import dev.tunesmith.core.swing.tree
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.awt.Container
import java.awt.Dimension
import java.awt.datatransfer.Clipboard
import java.awt.datatransfer.DataFlavor
import java.awt.datatransfer.StringSelection
import java.awt.event.MouseWheelEvent
import javax.swing.JButton
import javax.swing.JMenuItem
import javax.swing.JScrollPane
import javax.swing.JTable
import javax.swing.JTextArea
import javax.swing.TransferHandler

/** What a report draws, each block by its kind. */
internal class ReportPageTest {
    private val intents = ArrayList<Intent>()

    private fun page(blocks: List<Block>, metrics: Map<String, Double> = emptyMap()): ReportPage =
        ReportPage(ENGLISH) { intents += it }.apply { show("run", metrics, blocks) }

    private fun ReportPage.said() = component.tree().filterIsInstance<JTextArea>().map { it.text }

    private fun JTable.column(at: Int) = (0 until rowCount).map { getValueAt(it, at) }

    @Test
    fun `figures and blocks stand in their order, each drawn by its kind`() = onUi {
        val page = page(SAMPLE_BLOCKS, mapOf("accuracy" to 0.9))
        val kinds = page.component.tree().mapNotNull {
            when (it) {
                is ConfusionView, is PanelsView, is BlockTexts, is JTable -> it.javaClass.simpleName
                else -> null
            }
        }
        val expected = listOf("EmptyTable", "ConfusionView", "EmptyTable", "PanelsView", "PanelsView", "BlockTexts")
        assertEquals(expected, kinds)
        val titles = SAMPLE_BLOCKS.map { it.title }
        assertEquals(titles, page.said().filter { it in titles })
    }

    @Test
    fun `a kind of a newer runtime has its title and says what shows it, and so has a mark of a newer shape`() = onUi {
        val hint = ENGLISH("block.unknown")
        val unknown = Block("hologram", "rows", "Rows in space", "Turn it.")
        assertEquals(listOf("Rows in space", "Turn it.", hint), page(listOf(unknown)).said())
        val newer =
            Panel("p", marks = listOf(Mark("ribbon", listOf(1.0), listOf(2.0)), Mark("line", listOf(1.0), listOf(2.0))))
        val chart = page(listOf(Block(BlockKind.CHART, title = "A chart", panels = listOf(newer))))
        assertEquals(listOf("A chart", hint), chart.said())
        assertEquals(1, chart.component.only<PanelsView>().layouts().single().marks.size)
    }

    @Test
    fun `a chart can be saved in every format from its menu`() = onUi {
        val chart = SAMPLE_BLOCKS.first { it.kind == BlockKind.CHART }
        val menu = page(listOf(chart)).component.only<PanelsView>().componentPopupMenu
        menu.components.filterIsInstance<JMenuItem>().forEach { it.doClick() }
        assertEquals(ExportFormat.entries.map { Intent.SaveChart(chart, it) }, intents)
    }

    @Test
    fun `what is not there takes no room`() = onUi {
        assertEquals(0, page(emptyList()).component.viewport.view.let { it as Container }.componentCount)
        assertEquals(1, page(emptyList(), mapOf("loss" to 1.0)).component.tree().count { it is JTable })
    }

    @Test
    fun `numbers of a table stand below each other and are sorted as numbers, shares in per cent too`() = onUi {
        val panel = blockTable(ENGLISH, SAMPLE_TABLE)
        assertEquals(listOf("0.889", "0.951", "1.000", NOTHING), panel.table.column(1))
        assertEquals(listOf("125", "106", "1,061", NOTHING), panel.table.column(4))
        panel.state = TableState(sort = Sort("5", false))
        assertEquals(listOf("4.0%", "9.1%", "12.5%", NOTHING), panel.table.column(5))
        panel.state = TableState(sort = Sort("4", true))
        assertEquals(listOf("1,061", "125", "106", NOTHING), panel.table.column(4))
        val isNumber = blockColumns(SAMPLE_TABLE).map { it.isNumber }
        assertEquals(listOf(false, true, true, true, true, true), isNumber)
    }

    @Test
    fun `numbers of different size keep the digits that count`() {
        fun column(vararg values: Any?) = blockColumns(
            Block(header = listOf("x"), cells = values.map { listOf(it) }),
        ).single().let { column -> values.indices.map { column.text(BlockRow(it, listOf(values[it]))) } }
        assertEquals(listOf("12.35", "3.20"), column(12.345678, 3.2))
        assertEquals(listOf("2e−5", "0.5"), column(2e-5, 0.5))
        assertEquals(listOf("1.5e7", "3"), column(15e6, 3.0))
        assertEquals(listOf("1", "0.250", "a"), column(1L, 0.25, "a"))
        assertEquals(listOf(NOTHING), column(null))
    }

    @Test
    fun `chosen rows of a table are copied as they are seen`() = onUi {
        val panel = blockTable(ENGLISH, SAMPLE_TABLE)
        panel.table.setRowSelectionInterval(0, 1)
        assertTrue(panel.menu().components.filterIsInstance<JMenuItem>().single { it.text == "Copy" }.isEnabled)
        val board = Clipboard("test").apply { setContents(StringSelection(""), null) }
        panel.table.transferHandler.exportToClipboard(panel.table, board, TransferHandler.COPY)
        val text = board.getData(DataFlavor.stringFlavor) as String
        assertEquals("delivery\t0.889\t0.960\t0.923\t125\t4.0%", text.lines().first())
    }

    @Test
    fun `a long table is scrolled in itself, a short one is as high as its rows`() = onUi {
        fun height(rows: Int) = blockTable(
            ENGLISH,
            Block(title = "t", header = listOf("n"), cells = List(rows) { listOf(it.toLong()) }),
        ).heightFor(400)
        assertTrue(height(2) < height(10))
        assertEquals(height(200), height(2000))
    }

    @Test
    fun `a click on a matrix of the page asks for its rows`() = onUi {
        val view = page(listOf(SAMPLE_MATRIX)).component.only<ConfusionView>()
        for (key in listOf("DOWN", "RIGHT", "ENTER")) view.actionMap.get(key).actionPerformed(null)
        assertEquals(listOf<Intent>(Intent.ShowRows("run", "delivery", "invoice")), intents)
    }

    @Test
    fun `spans are places of letters, whatever these take in memory`() {
        val marked = MarkedText("🚚 Bob 🚚 Eve", listOf(Span(8, 11, "PER"), Span(2, 5, "PER", true)))
        assertEquals(listOf("🚚 ", "Bob", " 🚚 ", "Eve"), piecesOf(marked).map { it.text })
        assertEquals(listOf(true, null), piecesOf(marked).mapNotNull { it.span }.map { it.right })
    }

    @Test
    fun `spans that lie over each other or outside of the text are no reason to fail`() {
        fun texts(vararg spans: Span) = piecesOf(MarkedText("abcdef", spans.toList())).map {
            it.text to
                (it.span != null)
        }
        assertEquals(listOf("abc" to true, "de" to true, "f" to false), texts(Span(0, 3), Span(1, 5)))
        assertEquals(listOf("abcdef" to true), texts(Span(-4, 99), Span(3, 3)))
        assertEquals(listOf("abcdef" to false), texts(Span(7, 9), Span(4, 2)))
    }

    @Test
    fun `right, wrong and unknown are told apart without colours`() = onUi {
        assertEquals(
            listOf("PER ✓", "LOC ✗", "ORG", "✓", ""),
            listOf(
                Span(0, 1, "PER", true),
                Span(0, 1, "LOC", false),
                Span(0, 1, "ORG"),
                Span(0, 1, "", true),
                Span(0, 1),
            )
                .map(::tagOf),
        )
        val panes = page(listOf(SAMPLE_TEXTS)).component.tree().filterIsInstance<MarkedPane>()
        fun together(tag: String) = " $tag ".replace(' ', '\u00A0')
        assertEquals(
            "data\nAngela Merkel${together("PER ✓")} met Tim Cook${together("PER ✓")} at Apple Park in " +
                "Cupertino${together("LOC ✗")} on Monday.",
            panes[0].text,
        )
        assertEquals("model\n$NOTHING", panes.last().text)
        assertEquals(listOf("data", "model"), panes.take(2).map { it.accessibleContext.accessibleName })
    }

    @Test
    fun `a long text is cut at a word until it is asked for in full, and rows beyond the first come on demand`() =
        onUi {
            val page = page(listOf(SAMPLE_TEXTS)).component
            fun panes() = page.tree().filterIsInstance<MarkedPane>()
            fun button(text: String) = page.only<JButton> { it.text == text }
            assertEquals(10, panes().size)
            assertTrue(panes()[2].text.length < 450 && panes()[2].text.endsWith("is late.…"), panes()[2].text)
            button("Show in full").doClick()
            assertTrue(panes()[2].text.trimEnd().endsWith("Bob is late.") && panes()[2].text.length > 600)
            button("Show less").doClick()
            assertTrue(panes()[2].text.endsWith("…"))
            button("Show all 7 rows").doClick()
            assertEquals(14, panes().size)
            assertEquals(emptyList<JButton>(), page.tree().filterIsInstance<JButton>().filter { "all" in it.text })
        }

    @Test
    fun `what its user has opened stays open while the same report comes again`() = onUi {
        val page = page(listOf(SAMPLE_TEXTS), mapOf("f1" to 0.5))
        page.component.only<JButton> { it.text == "Show all 7 rows" }.doClick()
        page.show("run", mapOf("f1" to 0.5), listOf(SAMPLE_TEXTS.copy()))
        assertEquals(14, page.component.tree().count { it is MarkedPane })
    }

    @Test
    fun `a report is read from its beginning`() = onUi {
        val page = page(SAMPLE_BLOCKS, mapOf("f1" to 0.5)).component
        page.size = Dimension(500, 300)
        repeat(3) { page.tree().forEach { (it as? Container)?.doLayout() } }
        assertTrue(page.viewport.view.height > 1000)
        assertEquals(0, page.verticalScrollBar.value)
    }

    @Test
    fun `the wheel over a table moves the page`() = onUi {
        val page = page(SAMPLE_BLOCKS).component
        page.size = Dimension(500, 300)
        repeat(3) { page.tree().forEach { (it as? Container)?.doLayout() } }
        val scroll = page.tree().filterIsInstance<JScrollPane>().last { it !== page && it.isVisible }
        val byUnits = MouseWheelEvent.WHEEL_UNIT_SCROLL
        scroll.dispatchEvent(
            MouseWheelEvent(scroll, MouseWheelEvent.MOUSE_WHEEL, 0, 0, 5, 5, 0, false, byUnits, 3, 1),
        )
        assertTrue(page.verticalScrollBar.value > 0)
    }

    @Test
    fun `blocks come through the protocol as they were sent, with numbers that JSON does not know`() {
        val sent = """{"run": "r", "there": true, "blocks": [
            {"kind": "table", "name": "t", "header": ["a", "b", "c"], "cells": [["x", 1, 2.0], ["y", null, 0.5]]},
            {"kind": "chart", "name": "c", "panels": [{"marks": [{"shape": "line", "x": [0, "NaN"], "y": [1, "-Infinity"]}]}]}
        ]}"""
        val (table, chart) = Codec.gson.fromJson(sent, Report::class.java).blocks
        assertEquals(listOf(listOf("x", 1L, 2.0), listOf("y", null, 0.5)), table.cells)
        assertEquals(listOf(0.0, Double.NaN), chart.panels[0].marks[0].x)
        assertEquals(Double.NEGATIVE_INFINITY, chart.panels[0].marks[0].y[1])
    }
}
