package dev.tunesmith.core.window

import dev.tunesmith.core.Words
import dev.tunesmith.core.chart.BoardIntent
import dev.tunesmith.core.chart.ChartBoard
import dev.tunesmith.core.client.TunesmithClient
import dev.tunesmith.core.details.RowsQuestion
import dev.tunesmith.core.panels.Intent
import dev.tunesmith.core.panels.RunsPanel
import dev.tunesmith.core.protocol.PredictParams
import dev.tunesmith.core.protocol.RunSummary
import dev.tunesmith.core.runs.RunActions
import dev.tunesmith.core.runs.RunsModel
import dev.tunesmith.core.runs.RunsState
import dev.tunesmith.core.swing.showsLetters
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
 * @param host What only the program around the window can do.
 * @param background Where work is done that takes its time.
 * @param onUi Leads to the UI thread; the window itself is for that thread only.
 */
public class FineTuningWindow(
    words: Words,
    zone: ZoneId,
    client: TunesmithClient,
    private val runs: RunsModel,
    private val host: IdeHost,
    private val background: Executor,
    private val onUi: Executor,
) : JPanel(CardLayout()) {
    private val models = WindowModels(client)
    private val actions = RunActions(client, words) { host.tell(it, isFailure = true) }
    private val commands = RunCommands(words, host, actions, ChartFiles(words, zone))
    private val followed = FollowedRuns(models::follow, models::leave)
    private val connection = ConnectionPanel(words, { runs.retry() }, { host.openSettings() })
    private val table = RunsPanel(words, zone, ::take)
    private val board = ChartBoard(words, zone, background, onUi, ::takeFromBoard)
    private val tabs = RunTabs(words, zone, board, models, ::take)
    private var scope: CoroutineScope? = null
    private var state = WindowState()

    init {
        add(connection, CONNECTION)
        add(TurningSplit(table.component, tabs, TABLE_SHARE), LIVE)
        showsLetters()
    }

    /** The run that is looked at. */
    public val openRun: RunSummary? get() = state.open?.let { state.summary(it.id) }

    /** Draw what happens, and do what the user asks for, until [scope] ends or the returned job is cancelled. */
    public fun start(scope: CoroutineScope): Job = scope.launch {
        launch(background.asCoroutineDispatcher()) { models.start(this) }
        launch(onUi.asCoroutineDispatcher()) {
            this@FineTuningWindow.scope = this
            followed.follow(state.slots.slots.keys, this)
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
            is Intent.ShowCurves -> showCurves(intent)
            is Intent.Choose -> if (tabs.tab == WindowTab.DIFFERENCES) compare(intent.runs)
            is Intent.Compare -> compare(intent.runs)
            is Intent.ShowRows -> showRows(RowsQuestion.Cell(intent.run, intent.expected, intent.predicted))
            is Intent.ShowHardest -> models.rows.forget()
            is Intent.Try -> tabs.tryOut(intent.input)
            is Intent.Ask -> with(intent) { models.answers.ask(PredictParams(run, texts, file, untuned = true)) }
            is Intent.OpenPlace -> commands.openPlace(intent, project())
            is Intent.OpenFolder -> host.openFolder(intent.path)
            is Intent.Follow -> state.summary(intent.run)?.let(host::follow)
            is Intent.Slow -> scope?.launch { takeSlowly(intent) }
        }
    }

    private suspend fun takeSlowly(intent: Intent.Slow) {
        when (intent) {
            is Intent.Command -> commands.command(intent, name(intent.run))
            is Intent.Delete -> commands.delete(intent, name(intent.runs.first()))
            is Intent.Export -> commands.export(intent, name(intent.run))
            is Intent.SaveChart -> commands.save(intent, board.theme, board.font)
            is Intent.Keep -> keep(intent)
            is Intent.StartFrom -> state.summary(intent.run)?.let { startFrom(it, intent.step) }
            is Intent.AskFile -> commands.fileToAsk()?.let { take(Intent.Ask(intent.run, emptyList(), it)) }
        }
    }

    private fun showCurves(intent: Intent.ShowCurves) {
        val slots = with(intent) { if (shown) state.slots.shown(run) else state.slots.hidden(run) }
        render(state.copy(slots = slots))
    }

    private suspend fun startFrom(run: RunSummary, step: Long) {
        if (!host.startFrom(run, step)) commands.startFrom(run, step)?.let { look(it) }
    }

    private suspend fun keep(intent: Intent.Keep) {
        commands.keep(intent)
        models.details.readAgain(intent.run)
    }

    private fun takeFromBoard(intent: BoardIntent) {
        when (intent) {
            is BoardIntent.Replay -> host.replay(intent.runId, intent.step)
            is BoardIntent.ShowRows -> showRows(RowsQuestion.Step(intent.runId, intent.step))
            is BoardIntent.Export -> scope?.launch { commands.save(intent, board.theme, board.font) }
        }
    }

    private fun runsAndCurves() = combine(
        runs.state,
        models.curves.state,
        models.marks.state,
    ) { runs, curves, marks -> Triple(runs, curves, marks) }

    private fun tabsState() = combine(
        models.details.state,
        models.rows.state,
        models.comparison.state,
        models.answers.state,
        models.devices.state,
    ) { details, rows, comparison, answers, devices -> listOf(details, rows, comparison, answers, devices) }

    private fun showState(runs: RunsState) {
        val before = state.open
        if (runs !is RunsState.Live) connection.show(runs)
        render(state.withRuns(runs))
        if (state.open != before) chooseOpen()
        (layout as CardLayout).show(this, if (runs is RunsState.Live) LIVE else CONNECTION)
    }

    /** Null: there is no run to look at. */
    private fun look(run: String?) {
        render(state.opening(run))
        chooseOpen()
    }

    private fun chooseOpen() {
        state.open?.takeIf { it.isListed }?.let { table.choose(it.id) }
    }

    private fun render(next: WindowState) {
        val before = state
        state = next
        if (next.open?.id != before.open?.id) {
            models.rows.forget()
            models.answers.forget()
            models.details.open(next.open?.id)
        }
        scope?.let { followed.follow(next.slots.slots.keys, it) }
        if (next.runs is RunsState.Live) table.show(next.listed, next.slots)
        if (next.slots != before.slots || next.open?.id != before.open?.id) drawCurves()
        tabs.header.show(openRun)
    }

    private fun drawCurves() {
        val (curves, marks) = models.curves.state.value to models.marks.state.value
        board.show(chartModels(state.listed, state.slots.slots, curves, marks), state.open?.id)
    }

    private fun compare(runs: List<String>) {
        if (runs.size > 1) models.comparison.ask(runs) else models.comparison.forget()
        tabs.tab = WindowTab.DIFFERENCES
    }

    private fun showRows(question: RowsQuestion) {
        look(question.run)
        models.rows.ask(question)
        tabs.tab = WindowTab.RESULTS
    }

    private fun name(run: String): String = state.summary(run)?.name?.ifEmpty { null } ?: run

    /** The project's folder, where the runs lie in it. */
    private fun project(): Path? {
        val root = (state.runs as? RunsState.Live)?.root ?: return null
        return Path.of(root).parent?.takeIf { it.endsWith(".tunesmith") }?.parent
    }

    private companion object {
        const val CONNECTION = "connection"
        const val LIVE = "live"
        const val TABLE_SHARE = 0.35
        const val CURVES_SHARE = 0.05
        const val SHARE = 0.02
    }
}
