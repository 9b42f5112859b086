package dev.tunesmith.core.chart

import dev.tunesmith.core.protocol.Block
import dev.tunesmith.core.protocol.BlockKind
import dev.tunesmith.core.protocol.Mark
import dev.tunesmith.core.protocol.Panel
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.w3c.dom.Document
import org.w3c.dom.Element
import java.io.ByteArrayInputStream
import java.io.ByteArrayOutputStream
import java.time.ZoneOffset
import javax.imageio.ImageIO
import javax.xml.parsers.DocumentBuilderFactory

internal class ChartExportTest {
    private val export = ChartExport(ENGLISH, ZoneOffset.UTC, ChartTheme.LIGHT, FONT)

    private fun svg(state: ChartState): Document {
        val text = StringBuilder().also { export.svg(state, ExportSize(800, 400), it) }
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(
            ByteArrayInputStream(text.toString().toByteArray()),
        )
    }

    private fun Document.all(name: String): List<Element> = getElementsByTagName(name).let { list ->
        List(list.length) { list.item(it) as Element }
    }

    @Test
    fun `SVG is well-formed whatever a run is called`() {
        val names = listOf("a<b & \"c\"", "中文名", "tab\there", "bell\u0007", "]]>", "emoji \uD83D\uDE80", "=1+1")
        for (name in names) {
            val state = state(curve(series(1.0, Double.NaN, 3.0, 2.0), 0, name), curve(series(1.0, 2.0), 9, "other"))
            val named = state.copy(model = state.model.copy(metric = name))
            assertEquals("svg", svg(named).documentElement.tagName)
        }
    }

    @Test
    fun `SVG shows the points that the screen shows`() {
        val state = state(curve(series(1.0, 4.0, 2.0)))
        val layout = layout(state, canvas(800, 400))
        val points = svg(state).all("polyline").single().getAttribute("points").split(' ').map { pair ->
            pair.split(',').map { it.toDouble() }
        }
        assertEquals(3, points.size)
        for (i in 0 until 3) {
            assertEquals(layout.pixelX(i.toDouble()), points[i][0], 0.01)
            assertEquals(layout.pixelY(state.model.curves[0].data.value(i)), points[i][1], 0.01)
        }
    }

    @Test
    fun `a chart of a report is saved with all its panels and points`() {
        val line = Mark("line", listOf(0.0, 1.0, 2.0), listOf(3.0, 1.0, 2.0), label = "model, \"a\"")
        val bars = Mark("bars", listOf(0.0, 0.5), listOf(4.0, 6.0), width = 0.5)
        val panels = listOf(Panel("First", "x", "y", listOf(line)), Panel("", "x", "rows", listOf(bars)))
        val chart = Block(BlockKind.CHART, "areas", "Areas", panels = panels, columns = 2)
        val text = StringBuilder().also { export.svg(chart, it) }.toString()
        assertTrue("<title>Areas</title>" in text && "model, &quot;a&quot;" in text, text)
        val out = ByteArrayOutputStream().also { export.png(chart, it) }
        val image = ImageIO.read(ByteArrayInputStream(out.toByteArray()))
        assertEquals(listOf(3200, 1000), listOf(image.width, image.height))
        val rows = listOf(
            "panel,mark,x,y,width",
            "First,\"model, \"\"a\"\"\",0.0,3.0,0.0",
            "First,\"model, \"\"a\"\"\",1.0,1.0,0.0",
            "First,\"model, \"\"a\"\"\",2.0,2.0,0.0",
            "rows,,0.0,4.0,0.5",
            "rows,,0.5,6.0,0.5",
        )
        assertEquals(rows, StringBuilder().also { writeCsv(chart, it) }.trim().split("\r\n"))
    }

    @Test
    fun `PNG has the size that was asked for and the curve in it`() {
        val out = ByteArrayOutputStream()
        export.png(state(curve(series(losses(500, 2)))), ExportSize(400, 300, 1.5), out)
        val image = ImageIO.read(ByteArrayInputStream(out.toByteArray()))
        assertEquals(600, image.width)
        assertEquals(450, image.height)
        val colour = ChartTheme.LIGHT.color(0).rgb
        assertTrue((0 until 600).any { x -> (0 until 450).any { y -> image.getRGB(x, y) == colour } })
    }

    @Test
    fun `CSV round-trips every value exactly`() {
        val values =
            doubleArrayOf(1.0, 0.1, 1.0 / 3, Double.NaN, Double.POSITIVE_INFINITY, -0.0, 1e-300, Double.MAX_VALUE)
        val state =
            state(
                curve(series(*values), 0, "a,\"b\"\nc"),
                curve(
                    SeriesBuilder().also {
                        it.append(Summary(5, 1.25, 0.1, 0.2, 0.3, 9, false))
                    }.snapshot(),
                    1,
                ),
            )
        val text = StringBuilder().also { writeCsv(state.model, it) }.toString()
        val rows = parseCsv(text)
        assertEquals(listOf("run", "name", "metric", "step", "seconds", "low", "value", "high", "count"), rows[0])
        assertTrue(rows.all { it.size == 9 })
        assertEquals("a,\"b\"\nc", rows[1][1])
        assertArrayEquals(values, rows.drop(1).take(values.size).map { it[6].toDouble() }.toDoubleArray())
        assertEquals(listOf("5", "1.25", "0.1", "0.2", "0.3", "9"), rows.last().drop(3))
    }

    @Test
    fun `a name that a spreadsheet would compute is only text`() {
        val text = StringBuilder().also { writeCsv(state(curve(series(1.0), 0, "=cmd()")).model, it) }.toString()
        assertEquals("'=cmd()", parseCsv(text)[1][1])
    }

    /** RFC 4180, as a reader would do it. */
    private fun parseCsv(text: String): List<List<String>> {
        val rows = ArrayList<List<String>>()
        var row = ArrayList<String>()
        val field = StringBuilder()
        var isQuoted = false
        var i = 0
        while (i < text.length) {
            val char = text[i]
            when {
                isQuoted && char == '"' && text.getOrNull(i + 1) == '"' -> field.append('"').also { i++ }

                char == '"' -> isQuoted = !isQuoted

                isQuoted -> field.append(char)

                char == ',' -> row.add(field.toString()).also { field.clear() }

                char == '\n' -> {
                    row.add(field.toString().removeSuffix("\r"))
                    field.clear()
                    rows.add(row)
                    row = ArrayList()
                }

                else -> field.append(char)
            }
            i++
        }
        return rows
    }
}
