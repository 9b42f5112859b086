package dev.tunesmith.core.window

import dev.tunesmith.core.Words
import dev.tunesmith.core.client.QuestionState
import dev.tunesmith.core.details.Details
import dev.tunesmith.core.panels.ConfusionView
import dev.tunesmith.core.panels.SAMPLE_BLOCKS
import dev.tunesmith.core.panels.SAMPLE_ROWS
import dev.tunesmith.core.protocol.Found
import dev.tunesmith.core.protocol.Report
import dev.tunesmith.core.protocol.RunDetail
import dev.tunesmith.core.protocol.RunSummary
import dev.tunesmith.core.swing.SelectableText
import dev.tunesmith.core.swing.tree
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import java.util.Locale
import javax.swing.SwingUtilities

/** What stands above the figures of a run. */
internal class ResultsPanelTest {
    private val detail = RunDetail(RunSummary("r"), metrics = mapOf("accuracy" to 1.0), warnings = listOf("a doubt"))

    @Test
    fun `what the data give reason to doubt stands above figures before there is a report, and with it`() {
        val none = Words(Locale.ENGLISH)("results.none")
        val report = Report("r", there = true, headline = "accuracy 0.9", warnings = listOf("a doubt", "another"))
        assertEquals("$none\na doubt", above(Details("r", detail)))
        assertEquals("accuracy 0.9\na doubt\nanother", above(Details("r", detail, report = report)))
        assertEquals(none, above(null))
    }

    @Test
    fun `damage that was found is named, with a report and without one`() {
        val lost = "the series loss is damaged: records 1 to 9 were changed"
        val problems = listOf(
            Found("run.damaged-series", lost, "warning"),
            Found("run.unguarded", "written by an older version", "info"),
        )
        val report = Report("r", there = true, headline = "accuracy 0.9")
        val damaged = detail.copy(problems = problems)
        assertEquals(listOf("a doubt", lost), above(Details("r", damaged)).lines().drop(1))
        assertEquals("accuracy 0.9\n$lost", above(Details("r", damaged, report = report)))
    }

    @Test
    fun `only what a report has takes room`() = SwingUtilities.invokeAndWait {
        val panel = ResultsPanel(Words(Locale.ENGLISH)) { }.apply { setSize(800, 400) }
        fun seen(details: Details?): List<Boolean> {
            panel.show(details, QuestionState.Nothing)
            val split = panel.components.filterIsInstance<TurningSplit>().single()
            return listOf(split.leftComponent.isVisible, split.rightComponent.isVisible)
        }
        val report = Report("r", there = true, headline = "mean error 2.5", metrics = mapOf("mae" to 2.5))
        assertEquals(listOf(false, false), seen(null))
        assertEquals(listOf(true, false), seen(Details("r", detail, report = report)))
        assertEquals(emptyList<Any>(), panel.tree().filterIsInstance<ConfusionView>())
        assertEquals(listOf(true, true), seen(Details("r", detail, report = report.copy(hardest = SAMPLE_ROWS))))
        val classes = report.copy(blocks = SAMPLE_BLOCKS, hardest = SAMPLE_ROWS)
        assertEquals(listOf(true, true), seen(Details("r", detail, report = classes)))
        assertEquals(1, panel.tree().filterIsInstance<ConfusionView>().size)
    }

    private fun above(details: Details?): String {
        var found = ""
        SwingUtilities.invokeAndWait {
            val panel = ResultsPanel(Words(Locale.ENGLISH)) { }.apply { show(details, QuestionState.Nothing) }
            found = panel.components.filterIsInstance<SelectableText>().single().text
        }
        return found
    }
}
