package dev.tunesmith.core.window

import dev.tunesmith.core.Words
import dev.tunesmith.core.chart.countWords
import dev.tunesmith.core.chart.valueWords
import dev.tunesmith.core.client.QuestionState
import dev.tunesmith.core.details.Details
import dev.tunesmith.core.details.FoundRows
import dev.tunesmith.core.details.RowsQuestion
import dev.tunesmith.core.failure
import dev.tunesmith.core.panels.Intent
import dev.tunesmith.core.panels.ReportPage
import dev.tunesmith.core.panels.SamplesPanel
import dev.tunesmith.core.protocol.Report
import dev.tunesmith.core.protocol.Severity
import dev.tunesmith.core.swing.ScaledBorder
import dev.tunesmith.core.swing.SelectableText
import dev.tunesmith.core.swing.scaled
import java.awt.BorderLayout
import javax.swing.JButton
import javax.swing.JPanel

/** How good the model is: a sentence, the figures, what the report draws; beside it, rows with their answers. */
internal class ResultsPanel(private val words: Words, private val intent: (Intent) -> Unit) : JPanel(BorderLayout()) {
    private val headline = SelectableText(above = 6, beside = GAP)
    private val page = ReportPage(words, intent)
    private val samples = SamplesPanel(words, intent)
    private val heading = SelectableText()
    private val hardest = JButton(words("rows.hardest")).apply { addActionListener { intent(Intent.ShowHardest(run)) } }
    private val rows = JPanel(BorderLayout())
    private val split = TurningSplit(page.component, rows, PAGE_SHARE)
    private var run = ""

    init {
        val bar = JPanel(BorderLayout(scaled(GAP), 0))
        bar.border = ScaledBorder(4, GAP, 4, GAP)
        bar.add(heading, BorderLayout.CENTER)
        bar.add(hardest, BorderLayout.LINE_END)
        rows.add(bar, BorderLayout.NORTH)
        rows.add(samples.component, BorderLayout.CENTER)
        add(headline, BorderLayout.NORTH)
        add(split, BorderLayout.CENTER)
    }

    fun show(details: Details?, asked: QuestionState<RowsQuestion, FoundRows>) {
        run = details?.run.orEmpty()
        val report = details?.report ?: Report()
        val (said, warnings, metrics) = if (report.there) {
            Triple(report.headline, report.warnings, report.metrics)
        } else {
            Triple(words("results.none"), details?.detail?.warnings.orEmpty(), details?.detail?.metrics.orEmpty())
        }
        // Damaged files of the run are left out of what is shown, so which they are stands beside it.
        val damage = details?.detail?.problems.orEmpty().filter { it.severity != Severity.INFO }.map { it.message }
        headline.text = (listOf(said) + warnings + damage).joinToString("\n")
        page.show(run, metrics, report.blocks)
        split.show(
            isFirst = metrics.isNotEmpty() || report.blocks.isNotEmpty(),
            isSecond = report.hardest.isNotEmpty() || asked != QuestionState.Nothing,
        )
        showRows(report, asked)
    }

    private fun showRows(report: Report, asked: QuestionState<RowsQuestion, FoundRows>) {
        hardest.isVisible = asked != QuestionState.Nothing
        when (asked) {
            QuestionState.Nothing -> {
                heading.text = words("rows.hardest")
                samples.show(report.hardest, run)
            }

            is QuestionState.Waiting -> {
                heading.text = words("rows.waiting", about(asked.question))
                samples.show(emptyList())
            }

            is QuestionState.Failed -> {
                heading.text = words.failure(asked.failure)
                samples.show(emptyList())
            }

            is QuestionState.Answered -> showAnswer(asked.question, asked.answer)
        }
    }

    private fun showAnswer(question: RowsQuestion, answer: FoundRows) = when (answer) {
        is FoundRows.HeldOut -> {
            val (shown, all) = answer.samples.samples.size.toLong() to answer.samples.total
            val count = if (shown == all) countWords(all) else words("table.some", countWords(shown), countWords(all))
            heading.text = words("rows.found", about(question), count)
            samples.show(answer.samples.samples, run)
        }

        is FoundRows.OfStep -> {
            val step = answer.step
            val key = if (step.exact) "rows.exact" else "rows.not-exact"
            heading.text = words(key, about(question), countWords(step.rows.size.toLong()), valueWords(step.loss))
            samples.showPlaces(step.rows)
        }
    }

    private fun about(question: RowsQuestion): String = when (question) {
        is RowsQuestion.Step -> words("rows.step", countWords(question.step))

        is RowsQuestion.Cell -> words(
            "rows.cell",
            question.expected ?: words("rows.any"),
            question.predicted ?: words("rows.any"),
        )
    }

    private companion object {
        const val GAP = 10
        const val PAGE_SHARE = 0.55
    }
}
