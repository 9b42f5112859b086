package dev.tunesmith.core.window

import dev.tunesmith.core.chart.ChartAction
import dev.tunesmith.core.chart.ChartBoard
import dev.tunesmith.core.chart.ChartView
import dev.tunesmith.core.chart.MarkKind
import dev.tunesmith.core.client.ClientState
import dev.tunesmith.core.panels.Intent
import dev.tunesmith.core.panels.TablePanel
import dev.tunesmith.core.protocol.Command
import dev.tunesmith.core.protocol.Methods
import dev.tunesmith.core.protocol.RunParams
import dev.tunesmith.core.protocol.StartMode
import dev.tunesmith.core.protocol.StartParams
import dev.tunesmith.core.runs.RunActions
import dev.tunesmith.core.support.await
import dev.tunesmith.core.support.digitsProject
import dev.tunesmith.core.support.notesProject
import dev.tunesmith.core.swing.eventually
import dev.tunesmith.core.swing.onUi
import dev.tunesmith.core.swing.only
import dev.tunesmith.core.swing.tree
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.withContext
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.condition.DisabledIfSystemProperty
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Path
import java.util.concurrent.Executor
import javax.swing.JButton
import javax.swing.JTextArea
import javax.swing.SwingUtilities
import kotlin.io.path.exists
import kotlin.time.Duration.Companion.hours

/** The tool window from outside: on the screen, on `tunesmith serve`, with workers that train. */
@Timeout(600)
@DisabledIfSystemProperty(named = "java.awt.headless", matches = "true", disabledReason = "needs a screen")
internal class FineTuningWindowTest {
    @TempDir
    lateinit var folder: Path

    private suspend fun WindowRig.launch(job: Path, name: String, vararg overrides: String): String {
        val params = StartParams(job.toString(), overrides.toList(), name, StartMode.NOW)
        return client.request(Methods.start, params).run.id
    }

    private fun WindowRig.curve(metric: String) =
        window.only<ChartBoard>().state.models.firstOrNull { it.metric == metric }?.curves.orEmpty()

    @Test
    fun `a run that is opened shows curves, log and checkpoints, and can be stopped and deleted`() {
        val job = digitsProject(folder, epochs = 5_000)
        inWindow(folder) { rig ->
            eventually("an empty table says what to do") { rig.table.rowCount == 0 && rig.table.isShowing }
            val first = rig.launch(job, "first")
            eventually("the only run is opened by itself") { rig.window.openRun?.id == first }
            eventually("its curves grow", { rig.curve("loss") }) { rig.curve("loss").any { it.data.size > 5 } }
            rig.tab(WindowTab.LOG)
            eventually("its log comes, and what happened", { rig.shown.text() }) {
                "worker began" in rig.shown.text() && "Evaluation" in rig.shown.text()
            }
            rig.tab(WindowTab.SETTINGS)
            eventually("its settings are there", { rig.shown.text() }) {
                "training.batch_size | 60" in rig.shown.text()
            }
            rig.tab(WindowTab.CHECKPOINTS)
            onUi { rig.window.take(Intent.Command(first, Command.CHECKPOINT)) }
            val checkpoints = onUi { rig.shown.only<TablePanel<*>>().table }
            eventually("a checkpoint appears", { rig.shown.text() }) { checkpoints.rowCount > 0 }
            val second = rig.launch(job, "second", "training.learning_rate=0.02")
            eventually("the second run is listed") { rig.row("second") != null }
            rig.choose("second")
            eventually("the curves are those of the second run alone", { rig.curve("loss") }) {
                rig.curve("loss").map { it.runId } == listOf(second)
            }
            onUi { rig.window.take(Intent.ShowCurves(first, true)) }
            eventually("both are drawn, each in its colour", { rig.curve("loss") }) {
                rig.curve("loss").associate { it.runId to it.slot } == mapOf(second to 0, first to 1)
            }
            eventually("with what happened to each", { rig.curve("loss").map { it.marks } }) {
                rig.curve("loss").all { curve -> curve.marks.any { it.kind == MarkKind.EVALUATION } } &&
                    rig.curve("loss").single { it.runId == first }.marks.any { it.kind == MarkKind.CHECKPOINT }
            }
            onUi { rig.window.take(Intent.Compare(listOf(first, second))) }
            eventually("what differs is shown", { rig.shown.text() }) {
                "training.learning_rate | 0.01 | 0.02" in rig.shown.text() && "batch_size" !in rig.shown.text()
            }
            onUi { rig.window.take(Intent.Command(first, Command.STOP)) }
            onUi { rig.window.take(Intent.Command(second, Command.KILL)) }
            eventually("the first is stopped", { rig.row("first") }) { rig.row("first")?.get(2) == "Stopped" }
            eventually("the second is dead", { rig.row("second") }) { rig.row("second")?.get(2) in DEAD }
            onUi { rig.window.take(Intent.Delete(listOf(second))) }
            eventually("it is out of the table, of the charts and of the tabs", { rig.row("second") }) {
                rig.row("second") == null && rig.curve("loss").map { it.runId } == listOf(first) &&
                    rig.window.openRun?.id == first
            }
            assertEquals(
                listOf(
                    "Kill? Kill second? What came after its last checkpoint is lost.",
                    "Delete? Move second into the trash?",
                ),
                rig.host.asked,
            )
            rig.tab(WindowTab.CHECKPOINTS)
            eventually("the checkpoints say why they stay", { rig.shown.text() }) { "newest" in rig.shown.text() }
            onUi {
                checkpoints.setRowSelectionInterval(0, 0)
                rig.shown.only<TablePanel<*>>().menu().menuItem("Keep").doClick()
            }
            eventually("the user's word is among the reasons", { rig.shown.text() }) {
                "your choice" in checkpoints.getValueAt(0, KEPT).toString()
            }
            onUi { checkpoints.actionMap.get("SPACE").actionPerformed(null) }
            eventually("it is taken back", { rig.shown.text() }) { "your choice" !in rig.shown.text() }
            onUi { rig.window.take(Intent.Keep(first, listOf(3), true)) }
            eventually("what is not there cannot be kept", { rig.host.asked }) {
                "no such checkpoint" in rig.host.asked.last()
            }
        }
    }

    @Test
    fun `a server that is killed is told, with its log, and everything goes on with the next one`() {
        val job = digitsProject(folder, epochs = 5_000)
        // Only the button starts the next one.
        inWindow(folder, pause = 1.hours) { rig ->
            val run = rig.launch(job, "first")
            eventually("its curves grow") { rig.curve("loss").any { it.data.size > 5 } }
            rig.tab(WindowTab.LOG)
            eventually("its log comes", { rig.shown.text() }) { "worker began" in rig.shown.text() }
            val known = onUi { rig.curve("loss").first { it.runId == run }.data.size }
            val server = rig.client.state.await<ClientState.Ready>().server.pid
            ProcessHandle.of(server).get().destroyForcibly()
            eventually("it says so", { rig.window.text() }) { "exit status 137" in rig.window.text() }
            onUi { rig.window.only<JButton> { it.text == "Start Again" }.doClick() }
            eventually("the runs are back", { rig.window.text() }) { rig.table.isShowing && rig.row("first") != null }
            eventually("its curves go on") { rig.curve("loss").any { it.data.size > known } }
            onUi { rig.window.take(Intent.Command(run, Command.STOP)) }
            eventually("it is stopped", { rig.row("first") }) { rig.row("first")?.get(2) == "Stopped" }
            val (steps, last) = onUi { rig.curve("loss").single().data.let { it.size to it.step(it.size - 1) } }
            assertEquals(last, steps.toLong(), "every step once")
        }
    }

    @Test
    fun `a report is looked into, rows are found, the model is tried, charts and models are saved`() {
        val job = notesProject(folder, epochs = 2)
        inWindow(folder) { rig ->
            val run = rig.launch(job, "notes")
            eventually("it is finished", { rig.row("notes") }) { rig.row("notes")?.get(2) == "Finished" }
            rig.tab(WindowTab.RESULTS)
            eventually("hardest rows are there", { rig.shown.text() }) { "docstrings.csv:" in rig.shown.text() }
            val labels = listOf("asyncio", "email", "logging", "unittest")
            onUi { rig.window.take(Intent.ShowRows(run, labels[0], labels[0])) }
            eventually("the rows behind a cell come", { rig.shown.text() }) {
                "asyncio taken for asyncio: " in rig.shown.text() && "docstrings.csv:" in rig.shown.text()
            }
            val board = onUi { rig.window.only<ChartBoard>() }
            rig.tab(WindowTab.CURVES)
            eventually("charts are drawn") { rig.window.tree().any { it is ChartView } }
            val menu = onUi {
                rig.stage.picture()
                val view = board.tree().filterIsInstance<ChartView>().first()
                view.act(ChartAction.Point(3.0))
                board.menu(view, view.height / 2.0)
            }
            onUi { menu.menuItem("Save as CSV…").doClick() }
            onUi { menu.menuItem("Save as PNG…").doClick() }
            onUi { menu.menuItem("Replay step 3 in the debugger").doClick() }
            onUi { menu.menuItem("Show the rows of step 3").doClick() }
            eventually("the rows of the step come", { rig.shown.text() }) { "bit for bit" in rig.shown.text() }
            val files = listOf("loss.csv", "loss.png").map(folder::resolve)
            eventually("the files are written") { files.all { it.exists() } }
            rig.tab(WindowTab.TRY)
            onUi { rig.shown.only<JTextArea> { it.isEditable }.text = "Return the running event loop." }
            onUi { rig.shown.only<JButton> { it.text == "Ask" }.doClick() }
            eventually("the tuned model answers beside the untuned one", { rig.shown.text() }) {
                rig.shown.tree().filterIsInstance<JTextArea>().count { area -> labels.any { it in area.text } } == 2
            }
            onUi { rig.window.take(Intent.Export(run, rig.window.openRun?.step ?: 0)) }
            eventually("the model is written", { rig.host.asked }) {
                rig.host.asked.any { it.startsWith("The model was") && "; show $folder" in it }
            }
            val done = onUi { checkNotNull(rig.window.openRun) }
            val oldest = rig.client.request(Methods.run, RunParams(run)).checkpoints.last().step
            assertTrue(oldest < done.step, "there is but one checkpoint")
            val actions = RunActions(rig.client, rig.words) { rig.host.tell(it, isFailure = true) }
            withContext(Executor { SwingUtilities.invokeLater(it) }.asCoroutineDispatcher()) {
                val export = ModelExport(rig.words, rig.host, actions)
                export.best(done.copy(name = "a/b", best = done.best?.copy(step = oldest)))
                export.best(done.copy(name = "", best = null))
            }
            val written = listOf("a-b-step-$oldest", "$run-step-${done.step}").map(folder::resolve)
            assertEquals(written.map { "The model was written to $it; show $it" }, rig.host.asked.takeLast(2))
            assertTrue(written.all { it.resolve("config.json").exists() })
            assertTrue("replay $run 3" in rig.host.asked, "${rig.host.asked}")
        }
    }

    private companion object {
        val DEAD = setOf("Lost", "Failed")

        /** The column of a checkpoint that says why it stays. */
        const val KEPT = 3
    }
}
