package dev.tunesmith.core.swing

import dev.tunesmith.core.Words
import dev.tunesmith.core.chart.ChartBoard
import dev.tunesmith.core.chart.chartSamples
import dev.tunesmith.core.client.LostReason
import dev.tunesmith.core.client.QuestionState
import dev.tunesmith.core.details.Details
import dev.tunesmith.core.environment.BannerState
import dev.tunesmith.core.environment.Interpreter
import dev.tunesmith.core.environment.SetupState
import dev.tunesmith.core.job.JobKeys
import dev.tunesmith.core.launch.RunForm
import dev.tunesmith.core.launch.SettingsForm
import dev.tunesmith.core.panels.CheckpointsPanel
import dev.tunesmith.core.panels.DevicesView
import dev.tunesmith.core.panels.DifferencesPanel
import dev.tunesmith.core.panels.LogPanel
import dev.tunesmith.core.panels.RunSlots
import dev.tunesmith.core.panels.RunsPanel
import dev.tunesmith.core.panels.SAMPLE_BLOCKS
import dev.tunesmith.core.panels.SAMPLE_CHECKPOINTS
import dev.tunesmith.core.panels.SAMPLE_COMPARISON
import dev.tunesmith.core.panels.SAMPLE_DEVICES
import dev.tunesmith.core.panels.SAMPLE_ROWS
import dev.tunesmith.core.panels.SAMPLE_RUNS
import dev.tunesmith.core.panels.settingsPanel
import dev.tunesmith.core.protocol.Report
import dev.tunesmith.core.runs.RunsState
import dev.tunesmith.core.setup.BANNERS
import dev.tunesmith.core.setup.BannerPanel
import dev.tunesmith.core.setup.FAILED
import dev.tunesmith.core.setup.SetupPanel
import dev.tunesmith.core.window.ConnectionPanel
import dev.tunesmith.core.window.ResultsPanel
import dev.tunesmith.core.window.RunHeader
import dev.tunesmith.core.window.TryPanel
import dev.tunesmith.core.wizard.WizardFiles
import dev.tunesmith.core.wizard.WizardPanel
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.condition.DisabledIfSystemProperty
import java.awt.BorderLayout
import java.awt.Dimension
import java.awt.Font
import java.nio.file.Path
import java.time.Instant
import java.time.ZoneOffset
import java.util.Locale
import java.util.concurrent.Executor
import javax.swing.JComponent
import javax.swing.JPanel
import javax.swing.JTextField
import javax.swing.UIManager
import kotlin.time.Duration.Companion.seconds

/**
 * What the user sees with the IDE's zoom at 150 % and 200 %, where fonts are larger and everything has to follow them:
 * other than on a screen with more pixels, where what is drawn is only drawn finer.
 */
@DisabledIfSystemProperty(named = "java.awt.headless", matches = "true", disabledReason = "needs a screen")
internal class ZoomTest {
    private val files = object : WizardFiles {
        override fun data(now: String): String? = null

        override fun folder(now: String): String? = null
    }

    /** From now on everything is [times] as large. */
    private fun zoom(times: Double, theme: Theme = Theme.LIGHT) = onUi {
        UIManager.put("defaultFont", Font(Font.SANS_SERIF, Font.PLAIN, (USUAL * times).toInt()))
        dress(theme)
    }

    @AfterEach
    fun `back to the usual size`() = onUi {
        UIManager.put("defaultFont", null)
        dress(Theme.LIGHT)
    }

    /** Each panel, with the size that it has on a usual screen. */
    private fun panels(words: Words, language: String = "en"): Map<String, Pair<JComponent, Dimension>> {
        val wide = Dimension(1000, 320)
        val report = Report("r", there = true, headline = "f1 0.9", blocks = SAMPLE_BLOCKS, hardest = SAMPLE_ROWS)
        val board = ChartBoard(words, ZoneOffset.UTC, { it.run() }, Executor { it.run() }) { }
        board.show(listOf("marks", "sparse", "log", "runs").map { chartSamples().getValue(it).model.copy(metric = it) })
        val lost = RunsState.Lost(Instant.EPOCH, LostReason.Exited(1), listOf("No module named 'torch'"), 8.seconds)
        val (job, python, runs) = Triple(JTextField(), JTextField(), JTextField())
        val text = ideTexts(language)
        val found = Interpreter(Path.of("/usr/bin/python3"), "3.12.3")
        val setup = SetupState(false, listOf(found), chosen = found)
        return mapOf(
            "header" to (RunHeader(words).apply { show(SAMPLE_RUNS[3]) } to Dimension(760, 90)),
            "runs" to (RunsPanel(words, ZoneOffset.UTC) { }.apply { show(SAMPLE_RUNS, shown) }.component to wide),
            "board" to (board to Dimension(1100, 640)),
            "results" to (
                ResultsPanel(words) { }.apply { show(Details("r", report = report), QuestionState.Nothing) } to
                    Dimension(1000, 600)
                ),
            "checkpoints" to (
                CheckpointsPanel(words, ZoneOffset.UTC) { }.apply { show("r", SAMPLE_CHECKPOINTS, "f1_macro") }
                    .component to wide
                ),
            "differences" to (DifferencesPanel(words).apply { show(SAMPLE_COMPARISON) }.component to wide),
            "settings" to (settingsPanel(words).apply { show(mapOf("seed" to 7, "task" to "x")) }.component to wide),
            "devices" to (DevicesView(words).apply { show(SAMPLE_DEVICES) } to Dimension(600, 220)),
            "log" to (LogPanel(words) { }.apply { show("step 1  loss 2.0\nstep 2  loss 1.0\n") } to wide),
            "try" to (TryPanel(words) { } to Dimension(800, 420)),
            "connection" to (ConnectionPanel(words, {}, {}).apply { show(lost) } to Dimension(760, 320)),
            "run-form" to (RunForm(job, job, text, { JobKeys.bundled }) {} to Dimension(560, 480)),
            "settings-form" to (SettingsForm(python, python, runs, runs, text) {} to Dimension(560, 320)),
            "wizard" to (WizardPanel(words, "/usr/bin/python3", files) {} to Dimension(980, 680)),
            "setup" to (SetupPanel(words, "/home/me/cache") {}.apply { show(setup) } to Dimension(940, 640)),
            "setup-failed" to (
                SetupPanel(words, "/home/me/cache") {}.apply { show(setup.copy(making = FAILED)) } to
                    Dimension(940, 640)
                ),
            "banner" to (banner(words) to Dimension(900, 130)),
        )
    }

    private val shown = RunSlots().shown(SAMPLE_RUNS[0].id).shown(SAMPLE_RUNS[2].id)

    private fun banner(words: Words) = JPanel(BorderLayout()).apply {
        add(BannerPanel(words, {}, {}).apply { show(BannerState(BANNERS.last())) }, BorderLayout.NORTH)
    }

    @Test
    fun `every panel can be read at 150 and 200 per cent, in both languages`() {
        val faults = sortedSetOf<String>()
        for ((times, theme) in listOf(1.5 to Theme.DARK, 2.0 to Theme.LIGHT)) {
            zoom(times, theme)
            for ((language, locale) in languages) {
                val words = Words(locale)
                for ((name, panel) in onUi { panels(words, language) }) {
                    val (content, size) = panel
                    val large = Dimension((size.width * times).toInt(), (size.height * times).toInt())
                    Stage(content, large).use { stage ->
                        onUi { } // what the first layout has asked for is laid out
                        save(stage.picture(), "zoom-$name-$language-${(times * 100).toInt()}")
                        faults += onUi { faultsOf(content, words) }.map { "$name at $times: $it" }
                    }
                }
            }
        }
        assertEquals(emptySet<String>(), faults)
    }

    @Test
    fun `every panel asks for twice the room at 200 per cent`() {
        val words = Words(Locale.ENGLISH)
        fun sizes(times: Double): Map<String, Dimension> {
            zoom(times)
            return onUi { panels(words).mapValues { (_, panel) -> panel.first.preferredSize } }
        }
        val (usual, large) = sizes(1.0) to sizes(2.0)
        val ratios = usual.mapValues { (name, size) ->
            val now = large.getValue(name)
            listOf(now.width.toDouble() / size.width, now.height.toDouble() / size.height)
        }
        val off = ratios.filter { (name, ratio) -> ratio[1] !in TWICE || (ratio[0] !in TWICE && name !in WRAPPED) }
        assertEquals(emptyMap<String, Any>(), off)
    }

    @Test
    fun `rows, columns and the dots in them grow with the font, also where it changes later`() {
        zoom(1.0)
        val runs = onUi { RunsPanel(Words(Locale.ENGLISH), ZoneOffset.UTC) { }.apply { show(SAMPLE_RUNS, shown) } }
        val before = onUi { runs.table.table.rowHeight }
        Stage(onUi { runs.component }, Dimension(1200, 400)).use { stage ->
            zoom(2.0)
            stage.wear(Theme.LIGHT)
            val now = onUi { runs.table.table.rowHeight }
            assertTrue(now.toDouble() / before in TWICE, "rows of $before, then of $now")
        }
    }

    private companion object {
        const val USUAL = 13
        val TWICE = 1.8..2.25

        /** Those of text over several lines, which asks for no width. */
        val WRAPPED = setOf("try", "banner")
    }
}
