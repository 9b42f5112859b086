package dev.tunesmith.core.chart

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.awt.Component
import java.awt.Container
import java.awt.event.InputEvent
import java.awt.event.KeyEvent
import java.awt.event.MouseEvent
import java.awt.event.MouseWheelEvent
import java.awt.image.BufferedImage
import java.time.ZoneOffset
import java.util.concurrent.Executor
import javax.swing.JMenuItem
import javax.swing.JSlider
import javax.swing.KeyStroke

internal class ChartBoardTest {
    private val intents = ArrayList<BoardIntent>()
    private val waiting = ArrayDeque<Runnable>()
    private val board = ChartBoard(ENGLISH, ZoneOffset.UTC, { waiting.addLast(it) }, Executor { it.run() }) {
        intents +=
            it
    }

    private val loss = ChartModel("loss", listOf(curve(series(losses(2000, 1)))))
    private val rate = ChartModel("learning_rate", listOf(curve(series(List(2000) { 1e-3 * (1 - it / 2000.0) }))))

    private fun all(parent: Component): List<Component> =
        listOf(parent) + ((parent as? Container)?.components?.flatMap(::all) ?: emptyList())

    private fun views(): List<ChartView> = all(board).filterIsInstance<ChartView>()

    private fun shown(models: List<ChartModel> = listOf(loss, rate), open: String? = null): List<ChartView> {
        board.show(models, open)
        board.setSize(900, 600)
        all(board).forEach { it.doLayout() }
        board.paint(BufferedImage(900, 600, BufferedImage.TYPE_INT_RGB).createGraphics())
        return views()
    }

    private fun mouse(view: ChartView, id: Int, x: Int, y: Int, modifiers: Int = 0, clicks: Int = 1) =
        view.dispatchEvent(MouseEvent(view, id, 0, modifiers, x, y, clicks, false, MouseEvent.BUTTON1))

    private fun wheel(view: ChartView, x: Int, turns: Double, modifiers: Int = 0) {
        val (id, unit) = MouseEvent.MOUSE_WHEEL to MouseWheelEvent.WHEEL_UNIT_SCROLL
        view.dispatchEvent(
            MouseWheelEvent(view, id, 0, modifiers, x, 100, 0, 0, 0, false, unit, 1, turns.toInt(), turns),
        )
    }

    private fun key(view: ChartView, stroke: String) {
        val name = view.inputMap.get(KeyStroke.getKeyStroke(stroke)) ?: error("no key $stroke")
        view.actionMap.get(name).actionPerformed(null)
    }

    @Test
    fun `the cursor of one chart is seen on all of them`() {
        val (first, second) = shown()
        mouse(first, MouseEvent.MOUSE_MOVED, 200, 100)
        val cursor = first.state.shared.cursor ?: error("no cursor")
        assertEquals(first.layoutNow().xAt(200.0), cursor, 1e-9)
        assertEquals(cursor, second.state.shared.cursor)
        mouse(first, MouseEvent.MOUSE_EXITED, 200, -5)
        assertNull(second.state.shared.cursor)
    }

    @Test
    fun `the pointer chooses the run whose marks are drawn on all charts, and below the plot it keeps it`() {
        fun curves(from: Double) = List(6) { slot ->
            val mark = Mark(MarkKind.CHECKPOINT, 50, 25.0, "")
            curve(series(List(100) { from + slot }), slot).copy(marks = listOf(mark))
        }
        val models = listOf(ChartModel("loss", curves(1.0)), ChartModel("accuracy", curves(3.0)))
        shown(models, open = "run-5")
        val (first, second) = views()
        assertEquals("run-5", markedCurves(second.state).single().runId)
        val layout = first.layoutNow()
        val (x, y) = layout.pixelX(50.0).toInt() to layout.pixelY(3.0).toInt()
        mouse(first, MouseEvent.MOUSE_MOVED, x, y)
        assertEquals("run-2", markedCurves(second.state).single().runId)
        mouse(first, MouseEvent.MOUSE_MOVED, x, layout.lane(0).toInt())
        assertEquals("run-2", markedCurves(first.state).single().runId)
        mouse(first, MouseEvent.MOUSE_EXITED, x, -5)
        assertEquals("run-5", markedCurves(first.state).single().runId)
    }

    @Test
    fun `the wheel zooms all charts, with Control only the scale of one`() {
        val (first, second) = shown()
        wheel(first, 200, -1.0)
        val range = first.state.shared.x ?: error("not zoomed")
        assertTrue(range.length < 1999)
        assertEquals(range, second.state.shared.x)
        wheel(first, 200, -1.0, InputEvent.CTRL_DOWN_MASK)
        assertNotNull(first.state.y)
        assertNull(second.state.y)
    }

    @Test
    fun `a drag moves, a drag with Shift draws a box, a double click fits`() {
        val (first, second) = shown()
        val button = InputEvent.BUTTON1_DOWN_MASK
        mouse(first, MouseEvent.MOUSE_PRESSED, 100, 80, button or InputEvent.SHIFT_DOWN_MASK)
        mouse(first, MouseEvent.MOUSE_DRAGGED, 200, 150, button or InputEvent.SHIFT_DOWN_MASK)
        assertNotNull(first.state.box)
        assertNull(second.state.box)
        mouse(first, MouseEvent.MOUSE_RELEASED, 200, 150, InputEvent.SHIFT_DOWN_MASK)
        assertNull(first.state.box)
        val boxed = first.state.shared.x ?: error("not zoomed")
        mouse(first, MouseEvent.MOUSE_PRESSED, 200, 80, button)
        mouse(first, MouseEvent.MOUSE_DRAGGED, 190, 80, button)
        mouse(first, MouseEvent.MOUSE_RELEASED, 190, 80)
        val moved = first.state.shared.x ?: error("not zoomed")
        assertTrue(moved.from > boxed.from)
        assertEquals(boxed.length, moved.length, 1e-6)
        mouse(first, MouseEvent.MOUSE_CLICKED, 190, 80, clicks = 2)
        assertEquals(listOf(null, null), listOf(second.state.shared.x, first.state.y))
    }

    @Test
    fun `everything can be done by keys`() {
        val (first, second) = shown()
        key(first, "HOME")
        assertEquals(0.0, second.state.shared.cursor)
        key(first, "UP")
        assertNotNull(second.state.shared.x)
        key(first, "ctrl UP")
        assertNotNull(first.state.y)
        key(first, "typed 0")
        assertNull(first.state.y)
        key(first, "typed l")
        assertEquals(YScale.LOG, second.state.shared.yScale)
        key(first, "SPACE")
        repeat(20) { key(first, "ctrl RIGHT") }
        key(first, "ENTER")
        assertNotNull(second.state.shared.x)
        key(first, "typed x")
        assertEquals(XAxis.EPOCH, first.state.shared.xAxis)
    }

    @Test
    fun `smoothing is worked out in the background and the newest wish wins`() {
        shown()
        val slider = all(board).filterIsInstance<JSlider>().single()
        slider.value = 40
        slider.value = 60
        assertNull(views()[0].state.model.curves[0].smoothed)
        while (waiting.isNotEmpty()) waiting.removeFirst().run()
        assertEquals(SmoothingScale.keep(60), views()[0].state.model.curves[0].smoothed?.keep)
        slider.value = 0
        while (waiting.isNotEmpty()) waiting.removeFirst().run()
        assertNull(views()[0].state.model.curves[0].smoothed)
    }

    @Test
    fun `live data keeps zoom, cursor and smoothing`() {
        val (first, _) = shown()
        all(board).filterIsInstance<JSlider>().single().value = 50
        while (waiting.isNotEmpty()) waiting.removeFirst().run()
        wheel(first, 200, -2.0)
        val range = first.state.shared.x
        board.show(listOf(loss.copy(curves = listOf(curve(series(losses(2500, 1))))), rate))
        while (waiting.isNotEmpty()) waiting.removeFirst().run()
        assertEquals(range, first.state.shared.x)
        assertEquals(2500, first.state.model.curves[0].smoothed?.data?.size)
    }

    @Test
    fun `the menu asks for what a chart cannot do itself`() {
        val (first, _) = shown()
        mouse(first, MouseEvent.MOUSE_MOVED, 200, 100)
        val step = first.pick(100.0)?.let { it.curve.data.step(it.index) } ?: error("nothing picked")
        val items = board.menu(first, 100.0).components.filterIsInstance<JMenuItem>()
        items.forEach { it.doClick() }
        assertEquals(BoardIntent.Replay("run-0", step), intents[0])
        assertEquals(BoardIntent.ShowRows("run-0", step), intents[1])
        assertEquals(ExportFormat.entries, intents.filterIsInstance<BoardIntent.Export>().map { it.format })
    }

    @Test
    fun `a screen reader hears what the chart shows and where the cursor is`() {
        val (first, _) = shown()
        assertEquals("loss", first.accessibleContext.accessibleName)
        assertTrue(first.accessibleContext.accessibleDescription.startsWith("One curve up to step 1,999, values from "))
        key(first, "HOME")
        assertTrue(" At Step 0: run-0 " in first.accessibleContext.accessibleDescription)
        assertTrue(
            all(board).filter {
                it is javax.swing.JComboBox<*> || it is JSlider
            }.all { it.accessibleContext.accessibleName.isNotBlank() },
        )
    }

    @Test
    fun `every key of the chart is one that Java knows`() {
        for (stroke in CHART_KEYS.keys) assertNotNull(KeyStroke.getKeyStroke(stroke), stroke)
        assertEquals(KeyEvent.VK_HOME, KeyStroke.getKeyStroke("HOME").keyCode)
    }
}
