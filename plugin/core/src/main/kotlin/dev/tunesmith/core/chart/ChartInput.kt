package dev.tunesmith.core.chart

import java.awt.Cursor
import java.awt.event.ActionEvent
import java.awt.event.FocusEvent
import java.awt.event.FocusListener
import java.awt.event.MouseAdapter
import java.awt.event.MouseEvent
import java.awt.event.MouseWheelEvent
import javax.swing.AbstractAction
import javax.swing.JComponent
import javax.swing.KeyStroke
import javax.swing.SwingUtilities
import kotlin.math.pow

/** The pointer: wheel zooms, drag pans, drag with Shift draws a box, double click fits. */
internal class ChartPointer(private val view: ChartView) : MouseAdapter() {
    private var pressed: MouseEvent? = null
    private var isBox = false

    fun install() {
        view.addMouseListener(this)
        view.addMouseMotionListener(this)
        view.addMouseWheelListener(this)
    }

    override fun mousePressed(event: MouseEvent) {
        view.requestFocusInWindow()
        if (event.isPopupTrigger) return menu(event)
        if (!SwingUtilities.isLeftMouseButton(event)) return
        pressed = event
        isBox = event.isShiftDown
        if (isBox) {
            val layout = view.layoutNow()
            view.act(ChartAction.StartBox(layout.xAt(event.x.toDouble()), layout.valueAt(event.y.toDouble())))
        }
    }

    override fun mouseDragged(event: MouseEvent) {
        val from = pressed ?: return
        val layout = view.layoutNow()
        if (isBox) {
            val x = event.x.toDouble().coerceIn(layout.plot.x, layout.plot.right)
            val y = event.y.toDouble().coerceIn(layout.plot.y, layout.plot.bottom)
            view.act(ChartAction.DragBox(layout.xAt(x), layout.valueAt(y)))
            return
        }
        view.cursor = Cursor.getPredefinedCursor(Cursor.MOVE_CURSOR)
        val beside = from.x < layout.plot.x
        val x = if (beside) 0.0 else -(event.x - from.x) / layout.plot.width
        view.act(ChartAction.Pan(x, (event.y - from.y) / layout.plot.height))
        pressed =
            event.takeUnless { beside }
                ?: MouseEvent(view, event.id, event.`when`, event.modifiersEx, from.x, event.y, 1, false)
    }

    override fun mouseReleased(event: MouseEvent) {
        view.cursor = Cursor.getDefaultCursor()
        if (event.isPopupTrigger) return menu(event)
        if (isBox) view.act(ChartAction.FinishBox)
        pressed = null
        isBox = false
    }

    override fun mouseClicked(event: MouseEvent) {
        if (SwingUtilities.isLeftMouseButton(event) && event.clickCount == 2) view.act(ChartAction.Fit)
    }

    override fun mouseMoved(event: MouseEvent) {
        val layout = view.layoutNow()
        val (x, y) = event.x.toDouble() to event.y.toDouble()
        view.isPointed = x >= layout.plot.x && x <= layout.plot.right
        view.act(if (view.isPointed) ChartAction.Point(layout.xAt(x), view.runAt(x, y)) else ChartAction.Point(null))
    }

    override fun mouseExited(event: MouseEvent) {
        view.isPointed = false
        if (pressed == null) view.act(ChartAction.Point(null))
    }

    override fun mouseWheelMoved(event: MouseWheelEvent) {
        val layout = view.layoutNow()
        val turns = event.preciseWheelRotation
        val x = ((event.x - layout.plot.x) / layout.plot.width).coerceIn(0.0, 1.0)
        val y = ((layout.plot.bottom - event.y) / layout.plot.height).coerceIn(0.0, 1.0)
        val factor = WHEEL_FACTOR.pow(turns)
        when {
            event.isShiftDown -> view.act(ChartAction.Pan(turns * WHEEL_PAN, 0.0))
            event.isControlDown || event.isMetaDown || event.x < layout.plot.x -> view.act(ChartAction.ZoomY(y, factor))
            else -> view.act(ChartAction.ZoomX(x, factor))
        }
        event.consume()
    }

    private fun menu(event: MouseEvent) {
        view.menuAsked?.invoke(event.x, event.y)
    }

    private companion object {
        const val WHEEL_FACTOR = 1.2
        const val WHEEL_PAN = 0.06
    }
}

internal class RepaintOnFocus(private val view: JComponent) : FocusListener {
    override fun focusGained(event: FocusEvent) = view.repaint()

    override fun focusLost(event: FocusEvent) = view.repaint()
}

/** Everything that the pointer can do, by keys. */
internal fun installChartKeys(view: ChartView) {
    for ((key, action) in CHART_KEYS) {
        view.getInputMap(JComponent.WHEN_FOCUSED).put(KeyStroke.getKeyStroke(key), key)
        view.actionMap.put(key, act { action(view)?.let(view::act) })
    }
    for (key in listOf("CONTEXT_MENU", "shift F10")) {
        view.getInputMap(JComponent.WHEN_FOCUSED).put(KeyStroke.getKeyStroke(key), "menu")
    }
    view.actionMap.put(
        "menu",
        act {
            val x = view.state.shared.cursor?.let { view.layoutNow().pixelX(it) } ?: (view.width / 2.0)
            view.menuAsked?.invoke(x.toInt(), view.height / 2)
        },
    )
}

private fun act(run: () -> Unit) = object : AbstractAction() {
    override fun actionPerformed(event: ActionEvent?) = run()
}

/** Where zooming by keys holds still: the cursor, or the middle. */
private fun still(view: ChartView): Double {
    val layout = view.layoutNow()
    return view.state.shared.cursor?.let { layout.x.fraction(it) }?.takeIf { it in 0.0..1.0 } ?: 0.5
}

private const val CLOSER = 1 / 1.4
private const val FURTHER = 1.4

internal val CHART_KEYS: Map<String, (ChartView) -> ChartAction?> = mapOf(
    "LEFT" to { _ -> ChartAction.StepCursor(-1) },
    "RIGHT" to { _ -> ChartAction.StepCursor(1) },
    "ctrl LEFT" to { _ -> ChartAction.StepCursor(-10) },
    "ctrl RIGHT" to { _ -> ChartAction.StepCursor(10) },
    "shift LEFT" to { _ -> ChartAction.Pan(-0.1, 0.0) },
    "shift RIGHT" to { _ -> ChartAction.Pan(0.1, 0.0) },
    "shift UP" to { _ -> ChartAction.Pan(0.0, 0.1) },
    "shift DOWN" to { _ -> ChartAction.Pan(0.0, -0.1) },
    "UP" to { view -> ChartAction.ZoomX(still(view), CLOSER) },
    "DOWN" to { view -> ChartAction.ZoomX(still(view), FURTHER) },
    "typed +" to { view -> ChartAction.ZoomX(still(view), CLOSER) },
    "typed -" to { view -> ChartAction.ZoomX(still(view), FURTHER) },
    "ctrl UP" to { _ -> ChartAction.ZoomY(0.5, CLOSER) },
    "ctrl DOWN" to { _ -> ChartAction.ZoomY(0.5, FURTHER) },
    "HOME" to { _ -> ChartAction.ToEnd(first = true) },
    "END" to { _ -> ChartAction.ToEnd(first = false) },
    "PAGE_DOWN" to { _ -> ChartAction.ToMark(1) },
    "PAGE_UP" to { _ -> ChartAction.ToMark(-1) },
    "typed b" to { _ -> ChartAction.ToBest },
    "typed 0" to { _ -> ChartAction.Fit },
    "typed l" to
        { view -> ChartAction.SetScale(if (view.state.shared.yScale == YScale.LOG) YScale.LINEAR else YScale.LOG) },
    "typed x" to
        { view -> ChartAction.SetAxis(XAxis.entries[(view.state.shared.xAxis.ordinal + 1) % XAxis.entries.size]) },
    "SPACE" to
        { view ->
            if (view.state.box !=
                null
            ) {
                ChartAction.FinishBox
            } else {
                view.state.shared.cursor?.let { ChartAction.StartBox(it) }
            }
        },
    "ENTER" to { view -> if (view.state.box != null) ChartAction.FinishBox else null },
    "ESCAPE" to { view -> if (view.state.box != null) ChartAction.CancelBox else ChartAction.Point(null) },
)
