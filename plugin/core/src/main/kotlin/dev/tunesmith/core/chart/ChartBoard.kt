package dev.tunesmith.core.chart

import dev.tunesmith.core.Words
import dev.tunesmith.core.swing.scaled
import java.awt.BorderLayout
import java.time.ZoneId
import java.util.concurrent.Executor
import javax.swing.BorderFactory
import javax.swing.JMenuItem
import javax.swing.JPanel
import javax.swing.JPopupMenu
import javax.swing.JScrollPane

/**
 * The charts of all metrics with their tool bar; cursor, zoom and scale are shared. Smoothing is worked out on
 * [background], everything else on the UI thread, which [onUi] leads to.
 */
public class ChartBoard(
    private val words: Words,
    private val zone: ZoneId,
    private val background: Executor,
    private val onUi: Executor,
    private val intent: (BoardIntent) -> Unit,
) : JPanel(BorderLayout()) {
    private val views = LinkedHashMap<String, ChartView>()
    private val grid = JPanel(ChartGrid())
    private val bar = BoardBar(words) { render(it(state)) }
    private var raw: List<ChartModel> = emptyList()
    private var isSmoothing = false
    private var isStale = false

    public var state: BoardState = BoardState()
        private set

    public var theme: ChartTheme = ChartTheme.LIGHT
        set(value) {
            field = value
            grid.background = value.background
            views.values.forEach { it.theme = value }
        }

    private var isBuilt = false

    init {
        add(bar, BorderLayout.NORTH)
        val scroll = JScrollPane(grid, JScrollPane.VERTICAL_SCROLLBAR_AS_NEEDED, JScrollPane.HORIZONTAL_SCROLLBAR_NEVER)
        scroll.border = BorderFactory.createEmptyBorder()
        scroll.verticalScrollBar.unitIncrement = scaled(24)
        add(scroll, BorderLayout.CENTER)
        isBuilt = true
        theme = themeOf(this)
    }

    /** The look and feel changed; the first call comes before there is anything to dress. */
    override fun updateUI() {
        super.updateUI()
        if (isBuilt) theme = themeOf(this)
    }

    /** Shows these metrics, in this order. Curves need not be smoothed: that is done here. [open]: see [Shared]. */
    public fun show(models: List<ChartModel>, open: String? = null) {
        raw = models
        val now = if (state.shared.open == open) state else state.copy(shared = state.shared.copy(open = open))
        if (state.shared.smoothing > 0.0) {
            if (now !== state) render(now)
            smooth()
        } else {
            render(now.copy(models = models))
        }
    }

    private fun render(next: BoardState) {
        val before = state
        state = next
        bar.show(next.shared)
        if (next.shared.smoothing != before.shared.smoothing) smooth()
        if (next.models.map { it.metric } != views.keys.toList()) rebuild(next)
        for (model in next.models) views[model.metric]?.state = next.chart(model)
    }

    private fun rebuild(next: BoardState) {
        val old = LinkedHashMap(views)
        views.clear()
        grid.removeAll()
        for (model in next.models) {
            val view = old[model.metric] ?: view(next.chart(model))
            views[model.metric] = view
            grid.add(view)
        }
        grid.revalidate()
        grid.repaint()
    }

    private fun view(chart: ChartState): ChartView {
        val view = ChartView(words, zone, chart) { render(state.with(it)) }
        view.theme = theme
        view.menuAsked = { x, y -> menu(view, y.toDouble()).show(view, x, y) }
        return view
    }

    /** One calculation at a time; what was asked for meanwhile is done next, with the newest data. */
    private fun smooth() {
        if (isSmoothing) {
            isStale = true
            return
        }
        isSmoothing = true
        isStale = false
        val keep = state.shared.smoothing
        val models = raw.map { it.continuing(state.models) }
        background.execute {
            val smoothed = models.map { it.smoothedBy(keep) }
            onUi.execute {
                isSmoothing = false
                render(state.copy(models = smoothed))
                if (isStale) smooth()
            }
        }
    }

    internal fun menu(view: ChartView, y: Double): JPopupMenu {
        val menu = JPopupMenu()
        val picked = view.pick(y)
        if (picked != null) {
            val run = picked.curve.runId
            val step = picked.curve.data.step(picked.index)
            menu.add(item("chart.menu.replay", countWords(step)) { intent(BoardIntent.Replay(run, step)) })
            menu.add(item("chart.menu.rows", countWords(step)) { intent(BoardIntent.ShowRows(run, step)) })
            menu.addSeparator()
        }
        menu.add(item("chart.menu.fit") { view.act(ChartAction.Fit) })
        menu.addSeparator()
        for (format in ExportFormat.entries) {
            menu.add(
                item("chart.menu.export", format.name) {
                    intent(BoardIntent.Export(format, view.state))
                },
            )
        }
        return menu
    }

    private fun item(key: String, vararg arguments: Any, action: () -> Unit): JMenuItem =
        JMenuItem(words(key, *arguments)).apply {
            addActionListener { action() }
        }
}

/** This model with the averages that [shown] already has of its curves, to be continued. */
private fun ChartModel.continuing(shown: List<ChartModel>): ChartModel {
    val before = shown.firstOrNull { it.metric == metric }?.curves?.associateBy { it.runId } ?: return this
    return copy(curves = curves.map { it.copy(smoothed = before[it.runId]?.smoothed) })
}
