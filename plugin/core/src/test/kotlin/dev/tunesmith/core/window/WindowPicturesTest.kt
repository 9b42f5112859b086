package dev.tunesmith.core.window

import dev.tunesmith.core.Words
import dev.tunesmith.core.chart.ChartBoard
import dev.tunesmith.core.chart.ChartTheme
import dev.tunesmith.core.chart.ChartView
import dev.tunesmith.core.client.Limits
import dev.tunesmith.core.client.LostReason
import dev.tunesmith.core.job.JobKeys
import dev.tunesmith.core.launch.RunForm
import dev.tunesmith.core.launch.RunSettings
import dev.tunesmith.core.launch.SettingsForm
import dev.tunesmith.core.launch.StartFrom
import dev.tunesmith.core.panels.DevicesView
import dev.tunesmith.core.panels.Intent
import dev.tunesmith.core.panels.LogPanel
import dev.tunesmith.core.protocol.Command
import dev.tunesmith.core.protocol.CommandParams
import dev.tunesmith.core.protocol.Methods
import dev.tunesmith.core.protocol.StartMode
import dev.tunesmith.core.protocol.StartParams
import dev.tunesmith.core.runs.RunsState
import dev.tunesmith.core.support.notesProject
import dev.tunesmith.core.support.ready
import dev.tunesmith.core.support.real
import dev.tunesmith.core.support.withClient
import dev.tunesmith.core.swing.Album
import dev.tunesmith.core.swing.Stage
import dev.tunesmith.core.swing.Theme
import dev.tunesmith.core.swing.dress
import dev.tunesmith.core.swing.eventually
import dev.tunesmith.core.swing.ideTexts
import dev.tunesmith.core.swing.languages
import dev.tunesmith.core.swing.onUi
import dev.tunesmith.core.swing.only
import dev.tunesmith.core.swing.tree
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.condition.DisabledIfSystemProperty
import org.junit.jupiter.api.io.TempDir
import java.awt.Dimension
import java.awt.image.BufferedImage
import java.nio.file.Path
import java.time.Instant
import javax.swing.JButton
import javax.swing.JTextArea
import javax.swing.JTextField
import javax.swing.SwingUtilities
import kotlin.time.Duration.Companion.seconds

/**
 * Pictures of real windows on a real run, light and dark, in both languages, at 100 % and 200 %, in the build's folder;
 * and what is to be seen in them.
 */
@Timeout(600)
@DisabledIfSystemProperty(named = "java.awt.headless", matches = "true", disabledReason = "needs a screen")
internal class WindowPicturesTest {
    @TempDir
    lateinit var folder: Path

    private val album = Album()

    @Test
    fun `the tool window with each of its tabs`() {
        val job = notesProject(folder, epochs = 4)
        withClient(real(folder), Limits()) { client ->
            client.ready()
            val base = StartParams(job.toString(), name = "baseline", mode = StartMode.NOW)
            val first = client.request(Methods.start, base).run.id
            val slower = base.copy(
                name = "slower",
                overrides = listOf("training.learning_rate=1e-3", "training.epochs=5000"),
                tags = listOf("paper"),
            )
            for ((language, locale) in languages) {
                val rig = onUi { dress(Theme.LIGHT) }.let { WindowRig(client, folder, this, Words(locale)) }
                rig.use {
                    val done = rig.words("run.status.finished")
                    eventually("the first run is done", { rig.row("baseline") }) { rig.row("baseline")?.get(2) == done }
                    if (onUi { rig.row("slower") } == null) client.request(Methods.start, slower)
                    val trains = rig.words("run.status.running")
                    eventually("the second run trains", { rig.row("slower") }) { rig.row("slower")?.get(2) == trains }
                    shoot(rig, language, first)
                    rig.end()
                }
            }
            client.request(Methods.command, CommandParams("last", Command.KILL))
        }
        album.assertFlawless()
    }

    private suspend fun shoot(rig: WindowRig, language: String, first: String) {
        onUi { rig.window.take(Intent.ShowCurves(first, true)) }
        rig.choose("slower")
        val second = onUi { checkNotNull(rig.window.openRun).id }
        val board = onUi { rig.window.only<ChartBoard>() }
        eventually("both are drawn", { board.state.models.map { it.metric to it.curves.size } }) {
            board.state.models.any { it.metric == "validation_loss" && it.curves.size == 2 }
        }
        picture(rig, language, WindowTab.CURVES) { image, theme -> assertCurvesAreSeen(rig, image, theme) }
        rig.choose("baseline")
        rig.tab(WindowTab.RESULTS)
        eventually("the report", { rig.shown.text() }) { "docstrings.csv:" in rig.shown.text() }
        picture(rig, language, WindowTab.RESULTS)
        rig.tab(WindowTab.CHECKPOINTS)
        eventually("checkpoints", { rig.shown.text() }) { "MB" in rig.shown.text() || "kB" in rig.shown.text() }
        picture(rig, language, WindowTab.CHECKPOINTS)
        rig.tab(WindowTab.LOG)
        eventually("the log", { rig.shown.text() }) { "loss: 0." in rig.shown.text() && "began" in rig.shown.text() }
        onUi { rig.shown.only<LogPanel>().only<JTextField>().text = "worker" }
        picture(rig, language, WindowTab.LOG)
        rig.tab(WindowTab.SETTINGS)
        eventually("settings") { "learning_rate" in rig.shown.text() }
        picture(rig, language, WindowTab.SETTINGS)
        onUi { rig.window.take(Intent.Compare(listOf(first, second))) }
        eventually("differences", { rig.shown.text() }) { "learning_rate" in rig.shown.text() }
        picture(rig, language, WindowTab.DIFFERENCES)
        rig.tab(WindowTab.DEVICES)
        eventually("devices") { "GB" in rig.shown.only<DevicesView>().accessibleContext.accessibleDescription }
        picture(rig, language, WindowTab.DEVICES)
        rig.tab(WindowTab.TRY)
        onUi { rig.shown.only<JTextArea> { it.isEditable }.text = "Return the running event loop, or raise an error." }
        onUi { rig.shown.only<JButton> { it.text == rig.words("try.ask") }.doClick() }
        eventually("answers", { rig.shown.text() }) {
            rig.shown.tree().filterIsInstance<JTextArea>().count { "%" in it.text } == 2
        }
        picture(rig, language, WindowTab.TRY)
        rig.stage.resize(Dimension(480, 900))
        rig.tab(WindowTab.RESULTS)
        album.take(rig.stage, rig.words, "window-side-$language")
    }

    private fun picture(
        rig: WindowRig,
        language: String,
        tab: WindowTab,
        seen: (BufferedImage, Theme) -> Unit = { _, _ -> },
    ) {
        rig.tab(tab)
        album.take(rig.stage, rig.words, "window-${tab.name.lowercase()}-$language", seen = seen)
    }

    /** Where the data say that a curve is, there is its colour. */
    private fun assertCurvesAreSeen(rig: WindowRig, image: BufferedImage, theme: Theme) = onUi {
        val view = rig.window.tree().filterIsInstance<ChartView>().first { it.isShowing }
        val origin = SwingUtilities.convertPoint(view, 0, 0, rig.window)
        val layout = view.layoutNow()
        val colours = if (theme == Theme.LIGHT) ChartTheme.LIGHT else ChartTheme.DARK
        assertTrue(view.state.model.curves.size == 2)
        for (curve in view.state.model.curves) {
            val all = 0 until curve.data.size
            val hits = all.count { at ->
                val x = origin.x + layout.pixelX(curve.data.step(at).toDouble()).toInt()
                val y = origin.y + layout.pixelY(curve.data.value(at)).toInt()
                near(image, x, y, colours.color(curve.slot).rgb)
            }
            assertTrue(hits > all.count() / 2, "of ${all.count()} points of ${curve.name} $hits are seen, in $theme")
        }
    }

    private fun near(image: BufferedImage, x: Int, y: Int, rgb: Int): Boolean = (-2..2).any { dx ->
        (-2..2).any { dy ->
            val (atX, atY) = x + dx to y + dy
            atX in 0 until image.width && atY in 0 until image.height && distance(image.getRGB(atX, atY), rgb) < NEAR
        }
    }

    private fun distance(one: Int, other: Int): Int = listOf(16, 8, 0).sumOf { shift ->
        Math.abs((one shr shift and 0xFF) - (other shr shift and 0xFF))
    }

    @Test
    fun `the forms and the panel for a server that is not there`() {
        val lost = RunsState.Lost(
            Instant.EPOCH,
            LostReason.Exited(1),
            listOf("Traceback (most recent call last):", "ModuleNotFoundError: No module named 'torch'"),
            8.seconds,
        )
        for ((language, locale) in languages) {
            val words = Words(locale)
            val texts = ideTexts(language)
            val connection = onUi { dress(Theme.LIGHT).let { ConnectionPanel(words, {}, {}) } }
            onUi { connection.show(lost) }
            val job = onUi { JTextField() }
            val form = onUi { RunForm(job, job, texts, { JobKeys.bundled }) {} }
            onUi {
                form.settings = RunSettings(
                    "jobs/packages.job.yaml",
                    "slower",
                    "training.learning_rate=1e-3",
                    "cuda:0",
                    StartFrom.RUN,
                    "20261125-baseline",
                    "120",
                    "OMP_NUM_THREADS=2",
                )
            }
            val interpreter = onUi { JTextField() }
            val runs = onUi { JTextField() }
            val settings = onUi { SettingsForm(interpreter, interpreter, runs, runs, texts) {} }
            val shown = mapOf("connection" to connection, "run-form" to form, "settings-form" to settings)
            for ((name, panel) in shown) {
                Stage(panel, Dimension(560, 420)).use { album.take(it, words, "$name-$language") }
            }
        }
        album.assertFlawless()
    }

    private companion object {
        const val NEAR = 90
    }
}
