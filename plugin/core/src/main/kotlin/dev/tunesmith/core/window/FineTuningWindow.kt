package dev.tunesmith.core.window

import dev.tunesmith.core.Words
import dev.tunesmith.core.chart.BoardIntent
import dev.tunesmith.core.chart.ChartBoard
import dev.tunesmith.core.client.TunesmithClient
import dev.tunesmith.core.details.BehindQuestion
import dev.tunesmith.core.look.showsLetters
import dev.tunesmith.core.panels.Intent
import dev.tunesmith.core.panels.RunSlots
import dev.tunesmith.core.panels.RunsPanel
import dev.tunesmith.core.protocol.PredictParams
import dev.tunesmith.core.protocol.RunSummary
import dev.tunesmith.core.runs.RunActions
import dev.tunesmith.core.runs.RunsModel
import dev.tunesmith.core.runs.RunsState
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.flow.combine
import kotlinx.coroutines.launch
import java.awt.CardLayout
import java.nio.file.Path
import java.time.ZoneId
import java.util.concurrent.Executor
import javax.swing.JPanel

/**
 * The tool window: the runs at the left, the open one in its tabs at the right; or why there is no server.
 *
 * @param runs The project's runs; whoever made the model starts it.
 * @param desk What only the program around the window can do.
 * @param background Where work is done that takes its time.
 * @param onUi Leads to the UI thread; the window itself is for that thread only.
 */
public class FineTuningWindow(
    words: Words,
    zone: ZoneId,
    client: TunesmithClient,
    private val runs: RunsModel,
    private val desk: Desk,
    private val background: Executor,
    private val onUi: Executor,
) : JPanel(CardLayout()) {
    private val models = WindowModels(client)
    private val actions = RunActions(client, words) { desk.tell(it, isFailure = true) }
    private val errands = Errands(words, desk, actions, ChartFiles(words, zone))
    private val followed = FollowedRuns(models::follow, models::leave)
    private val connection = ConnectionPanel(words, { runs.retry() }, { desk.openSettings() })
    private val table = RunsPanel(words, zone, ::take)
    private val board = ChartBoard(words, zone, background, onUi, ::takeFromBoard)
    private val tabs = RunTabs(words, zone, board, models, ::take)
    private var scope: CoroutineScope? = null
    private var slots = RunSlots()
    private var live: RunsState.Live? = null
    private var opened: String? = null

    /** Whether the open run has been in the list: one that was just started may come into it later. */
    private var isListed = false

    init {
        add(connection, CONNECTION)
        add(TurningSplit(table.component, tabs, TABLE_SHARE), LIVE)
        showsLetters()
    }

    /** The run that is looked at. */
    public val openRun: RunSummary? get() = opened?.let(::summary)

    /** Draw what happens, and do what the user asks for, until [scope] ends or the returned job is cancelled. */
    public fun start(scope: CoroutineScope): Job = scope.launch {
        launch(background.asCoroutineDispatcher()) { models.start(this) }
        launch(onUi.asCoroutineDispatcher()) {
            this@FineTuningWindow.scope = this
            followed.follow(slots.slots.keys, this)
            launch { draw(runs.state, SHARE) { showState(it) } }
            launch { draw(runsAndCurves(), CURVES_SHARE) { drawCurves() } }
            launch { draw(tabsState(), SHARE) { tabs.refresh() } }
        }
    }

    /** Look at [run], an id, in this [tab]. */
    public fun open(run: String, tab: WindowTab = WindowTab.CURVES) {
        look(run)
        tabs.tab = tab
    }

    /** Do what a user asked for, here or in a menu of the program around the window. */
    public fun take(intent: Intent) {
        when (intent) {
            is Intent.OpenRun -> look(intent.run)
            is Intent.ShowCurves -> with(intent) { draw(if (shown) slots.shown(run) else slots.hidden(run)) }
            is Intent.Choose -> if (tabs.tab == WindowTab.DIFFERENCES) compare(intent.runs)
            is Intent.Compare -> compare(intent.runs)
            is Intent.ShowRows -> behind(BehindQuestion.Cell(intent.run, intent.expected, intent.predicted))
            is Intent.ShowHardest -> models.behind.forget()
            is Intent.Try -> tabs.tryOut(intent.input)
            is Intent.Ask -> with(intent) { models.answers.ask(PredictParams(run, texts, file, untuned = true)) }
            is Intent.OpenPlace -> errands.openPlace(intent, project())
            is Intent.OpenFolder -> desk.openFolder(intent.path)
            is Intent.Follow -> summary(intent.run)?.let(desk::follow)
            else -> scope?.launch { takeSlowly(intent) }
        }
    }

    /** What asks the user, writes, or waits for the server. */
    private suspend fun takeSlowly(intent: Intent) {
        when (intent) {
            is Intent.Command -> errands.command(intent, name(intent.run))
            is Intent.Delete -> errands.delete(intent, name(intent.runs.first()))
            is Intent.Export -> errands.export(intent, name(intent.run))
            is Intent.Keep -> keep(intent)
            is Intent.StartFrom -> summary(intent.run)?.let { startFrom(it, intent.step) }
            is Intent.AskFile -> errands.fileToAsk()?.let { take(Intent.Ask(intent.run, emptyList(), it)) }
            else -> Unit
        }
    }

    private suspend fun startFrom(run: RunSummary, step: Long) {
        if (!desk.startFrom(run, step)) errands.startFrom(run, step)?.let { look(it) }
    }

    private suspend fun keep(wish: Intent.Keep) {
        errands.keep(wish)
        models.details.readAgain(wish.run)
    }

    private fun takeFromBoard(intent: BoardIntent) {
        when (intent) {
            is BoardIntent.Replay -> desk.replay(intent.runId, intent.step)
            is BoardIntent.ShowRows -> behind(BehindQuestion.Step(intent.runId, intent.step))
            is BoardIntent.Export -> scope?.launch { errands.save(intent, board.theme, board.font) }
        }
    }

    private fun runsAndCurves() = combine(
        runs.state,
        models.curves.state,
        models.marks.state,
    ) { runs, curves, marks -> Triple(runs, curves, marks) }

    private fun tabsState() = combine(
        models.details.state,
        models.behind.state,
        models.comparison.state,
        models.answers.state,
        models.devices.state,
    ) { details, behind, comparison, answers, devices -> listOf(details, behind, comparison, answers, devices) }

    private fun showState(state: RunsState) {
        live = state as? RunsState.Live
        if (state is RunsState.Live) showLive(state) else connection.show(state)
        (layout as CardLayout).show(this, if (state is RunsState.Live) LIVE else CONNECTION)
    }

    private fun showLive(state: RunsState.Live) {
        val ids = state.runs.mapTo(HashSet()) { it.id }
        val gone = slots.slots.keys.filter { it !in ids && (it != opened || isListed) }
        if (gone.isEmpty()) table.show(state.runs, slots) else draw(gone.fold(slots, RunSlots::hidden))
        when {
            opened in ids -> listed()
            opened == null || isListed -> look(state.runs.firstOrNull()?.id)
        }
    }

    private fun listed() {
        if (!isListed) opened?.let(table::choose)
        isListed = true
        tabs.header.show(openRun)
    }

    /** Null: there is no run to look at. */
    private fun look(run: String?) {
        if (run != opened) {
            models.behind.forget()
            models.answers.forget()
        }
        opened = run
        isListed = false
        models.details.open(run)
        draw(if (run == null) slots else slots.opened(run))
        if (openRun == null) tabs.header.show(null) else listed()
    }

    private fun draw(next: RunSlots) {
        slots = next
        scope?.let { followed.follow(next.slots.keys, it) }
        live?.let { table.show(it.runs, next) }
        drawCurves()
    }

    private fun drawCurves() {
        val (curves, marks) = models.curves.state.value to models.marks.state.value
        board.show(chartModels(live?.runs.orEmpty(), slots.slots, curves, marks), opened)
    }

    private fun compare(runs: List<String>) {
        if (runs.size > 1) models.comparison.ask(runs) else models.comparison.forget()
        tabs.tab = WindowTab.DIFFERENCES
    }

    private fun behind(question: BehindQuestion) {
        look(question.run)
        models.behind.ask(question)
        tabs.tab = WindowTab.RESULTS
    }

    private fun summary(run: String): RunSummary? = live?.runs?.firstOrNull { it.id == run }

    private fun name(run: String): String = summary(run)?.name?.ifEmpty { null } ?: run

    /** The project's folder, where the runs lie in it. */
    private fun project(): Path? = live?.let { Path.of(it.root).parent }?.takeIf { it.endsWith(".tunesmith") }?.parent

    private companion object {
        const val CONNECTION = "connection"
        const val LIVE = "live"
        const val TABLE_SHARE = 0.35
        const val CURVES_SHARE = 0.05
        const val SHARE = 0.02
    }
}
