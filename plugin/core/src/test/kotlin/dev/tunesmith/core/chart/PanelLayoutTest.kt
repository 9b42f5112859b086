package dev.tunesmith.core.chart

import dev.tunesmith.core.panels.SAMPLE_CHARTS
import dev.tunesmith.core.protocol.Block
import dev.tunesmith.core.protocol.BlockKind
import dev.tunesmith.core.protocol.Mark
import dev.tunesmith.core.protocol.MarkShape
import dev.tunesmith.core.protocol.Panel
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.awt.event.MouseEvent

/** Where the charts of a report have their axes, marks and words. */
internal class PanelLayoutTest {
    private fun layout(vararg marks: Mark, unit: String = "", width: Double = 300.0): PanelLayout {
        val canvas = canvas(width.toInt(), 220)
        return PanelLayout(Panel("title", "x", "y", marks.toList(), unit), Rect(0.0, 0.0, width, 220.0), canvas)
    }

    private fun shapes(layout: PanelLayout): List<Shape> =
        panelShapes(layout, ChartTheme.LIGHT).flatMap { if (it is Clipped) it.shapes else listOf(it) }

    private fun line(vararg y: Double, label: String = "", reference: Boolean = false, shape: String = MarkShape.LINE) =
        Mark(shape, List(y.size) { it.toDouble() }, y.toList(), label, reference = reference)

    @Test
    fun `axes end at round numbers that are written there`() {
        for (y in listOf(listOf(0.3, 4.7), listOf(-1234.0, 99.0), listOf(1e-7, 3e-7), listOf(5.0, 5.0), listOf(0.0))) {
            val layout = layout(line(*y.toDoubleArray()))
            for ((axis, ticks) in listOf(layout.y to layout.yTicks, layout.x to layout.xTicks)) {
                assertEquals(axis.range.from, ticks.first().value, axis.range.length * 1e-9, "$y")
                assertEquals(axis.range.to, ticks.last().value, axis.range.length * 1e-9, "$y")
                assertTrue(ticks.all { it.label.isNotEmpty() })
            }
            assertTrue(y.all { it in layout.y.range })
        }
    }

    @Test
    fun `shares reach from 0 to 1 whatever there is of them`() {
        val layout = layout(line(0.4, 0.6), unit = "xy")
        assertEquals(Interval(0.0, 1.0), layout.y.range)
        assertEquals(Interval(0.0, 1.0), layout.x.range)
        assertEquals(Interval(0.0, 1.0), layout(line(0.4, 7.0), unit = "x").x.range)
    }

    @Test
    fun `bars stand on 0 and are as wide as they say`() {
        val layout = layout(Mark(MarkShape.BARS, listOf(0.0, 2.0), listOf(3.0, 8.0), width = 2.0))
        assertEquals(0.0, layout.y.range.from)
        assertEquals(4.0, layout.x.range.to)
        val bars = shapes(layout).filterIsInstance<RoundBox>().map { it.rect }
        assertEquals(2, bars.size)
        for (bar in bars) assertEquals(layout.plot.bottom, bar.bottom, 1e-9)
        assertEquals(8.0 / 3.0, bars[1].height / bars[0].height, 1e-9)
        assertTrue(bars[0].right < bars[1].x)
    }

    @Test
    fun `each value of a staircase holds up to its x`() {
        val layout = layout(line(1.0, 0.5, 0.25, shape = MarkShape.STEP))
        val stairs = shapes(layout).filterIsInstance<Polyline>().single()
        val corners = stairs.xs.zip(stairs.ys).toList()
        val wanted = listOf(0.0 to 1.0, 0.0 to 0.5, 1.0 to 0.5, 1.0 to 0.25, 2.0 to 0.25)
        assertEquals(wanted.map { (x, y) -> layout.pixelX(x) to layout.pixelY(y) }, corners)
    }

    @Test
    fun `a line is broken where a value has no place, and a point alone is a dot`() {
        val drawn = shapes(layout(line(1.0, 2.0, Double.NaN, 3.0, 2.0, Double.POSITIVE_INFINITY)))
        assertEquals(listOf(2, 2), drawn.filterIsInstance<Polyline>().map { it.xs.size })
        assertEquals(1, shapes(layout(line(1.0))).filterIsInstance<Circle>().size)
        assertEquals(emptyList<Shape>(), shapes(layout(line(Double.NaN))).filter { it is Polyline || it is Circle })
    }

    @Test
    fun `what the others are compared with is dashed and grey and takes no colour from them`() {
        val theme = ChartTheme.LIGHT
        val lines = shapes(layout(line(0.0, 1.0, label = "chance", reference = true), line(1.0, 2.0, label = "model")))
            .filterIsInstance<Polyline>()
        assertEquals(listOf(theme.quiet, theme.color(0)), lines.map { it.color })
        assertEquals(listOf(Dash.DASHED, Dash.SOLID), lines.map { it.dash })
    }

    @Test
    fun `a legend names as many marks as there is room for and counts the others`() {
        val many = (1..40).map { line(0.0, 1.0, label = "a class with a long name $it") }
        val layout = layout(*many.toTypedArray())
        assertTrue(layout.legend.size in 3..10)
        assertEquals(40, layout.legend.size + layout.unnamed)
        val texts = shapes(layout).filterIsInstance<Text>()
        assertTrue(texts.any { it.text == "+${layout.unnamed}" })
        for (entry in layout.legend) {
            val end = entry.x + PanelLayout.SIGN + layout.canvas.measure.width(entry.label, TextStyle.SMALL)
            assertTrue(end <= layout.box.right, entry.label)
        }
        assertTrue(layout.plot.height > 80)
    }

    @Test
    fun `arrow keys walk from point to point and from mark to mark, and each is read out`() {
        val view = PanelsView(ENGLISH, SAMPLE_CHARTS[1]).apply { setSize(900, 320) }
        fun press(vararg keys: String) = keys.forEach { view.actionMap.get(it).actionPerformed(null) }
        val before = view.accessibleContext.accessibleDescription
        assertEquals("Predicted against true: exact; rows: errors, exact. Arrow keys go from point to point.", before)
        press("RIGHT")
        assertEquals(PointAt(0, 0, 0), view.chosen)
        press("DOWN", "DOWN", "RIGHT")
        assertEquals(PointAt(1, 0, 1), view.chosen)
        val said = view.accessibleContext.accessibleDescription
        assertEquals("errors: predicted minus true −180 to −160, rows 6", said)
        assertTrue(view.scene().shapes.filterIsInstance<Text>().any { it.text == said })
        press("LEFT", "LEFT", "LEFT", "UP", "UP", "UP", "UP")
        assertEquals(PointAt(0, 0, 0), view.chosen)
        assertEquals("Errors", view.accessibleContext.accessibleName)
    }

    @Test
    fun `the point near the pointer says what it is`() {
        val view = PanelsView(ENGLISH, SAMPLE_CHARTS[1]).apply { setSize(700, 300) }
        val layout = view.layouts()[1]
        val (x, y) = layout.pixelX(-190.0).toInt() to layout.pixelY(60 / (1 + 100.0 / 9)).toInt()
        fun tip(x: Int, y: Int) = view.getToolTipText(MouseEvent(view, MouseEvent.MOUSE_MOVED, 0, 0, x, y, 0, false))
        assertEquals("errors: predicted minus true −200 to −180, rows 4.954", tip(x, y))
        assertEquals(null, tip(2, 2))
    }

    @Test
    fun `panels stand side by side only where each can be read`() {
        val view = PanelsView(ENGLISH, SAMPLE_CHARTS[0])
        assertTrue(view.heightFor(380) > 1.5 * view.heightFor(900))
        val empty = PanelsView(ENGLISH, Block(BlockKind.CHART, title = "nothing"))
        assertEquals(0, empty.heightFor(500))
        empty.actionMap.get("RIGHT").actionPerformed(null)
        assertEquals(null, empty.chosen)
    }
}
