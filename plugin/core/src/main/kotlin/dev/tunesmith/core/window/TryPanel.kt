package dev.tunesmith.core.window

import dev.tunesmith.core.Words
import dev.tunesmith.core.client.QuestionState
import dev.tunesmith.core.failure
import dev.tunesmith.core.panels.Intent
import dev.tunesmith.core.panels.OnText
import dev.tunesmith.core.panels.answerText
import dev.tunesmith.core.protocol.Answer
import dev.tunesmith.core.protocol.PredictParams
import dev.tunesmith.core.protocol.PredictResult
import dev.tunesmith.core.swing.ScaledBorder
import dev.tunesmith.core.swing.SelectableText
import dev.tunesmith.core.swing.onKeys
import dev.tunesmith.core.swing.scaled
import java.awt.BorderLayout
import java.awt.FlowLayout
import java.awt.GridLayout
import javax.swing.Box
import javax.swing.JButton
import javax.swing.JLabel
import javax.swing.JPanel
import javax.swing.JScrollPane
import javax.swing.JTextArea

/** Type or pick an input, and see the tuned model's answer beside the one of the model before tuning. */
internal class TryPanel(private val words: Words, private val intent: (Intent) -> Unit) :
    JPanel(BorderLayout(0, scaled(GAP))) {
    val input: JTextArea = JTextArea(ROWS, 0)
    val ask: JButton = JButton(words("try.ask"))
    private val file = JButton(words("try.file"))
    private val said = SelectableText()
    private val tuned = answerArea("try.tuned")
    private val untuned = answerArea("try.untuned")
    private val table = answerTable(words)
    private val below = JPanel(GridLayout(0, 1, 0, scaled(GAP)))
    private var run = ""
    private var shown: QuestionState<PredictParams, PredictResult> = QuestionState.Nothing

    init {
        border = ScaledBorder(GAP)
        input.lineWrap = true
        input.wrapStyleWord = true
        input.accessibleContext.accessibleName = words("try.input")
        input.toolTipText = words("try.input.help")
        input.document.addDocumentListener(OnText { offer() })
        input.onKeys("ctrl ENTER") { ask() }
        ask.addActionListener { ask() }
        file.addActionListener { intent(Intent.AskFile(run)) }
        table.chosen = { rows -> rows.singleOrNull()?.let { show(it.answer) } }
        add(question(), BorderLayout.NORTH)
        add(answers(), BorderLayout.CENTER)
        show("", QuestionState.Nothing)
    }

    private fun question() = JPanel(BorderLayout(0, scaled(GAP / 2))).apply {
        val label = JLabel(words("try.input")).apply { labelFor = input }
        val buttons = JPanel(FlowLayout(FlowLayout.LEADING, 0, 0))
        buttons.add(ask)
        buttons.add(Box.createHorizontalStrut(scaled(GAP)))
        buttons.add(file)
        add(label, BorderLayout.NORTH)
        add(JScrollPane(input), BorderLayout.CENTER)
        add(
            JPanel(BorderLayout(scaled(GAP), 0)).apply {
                add(buttons, BorderLayout.LINE_START)
                add(said, BorderLayout.CENTER)
            },
            BorderLayout.SOUTH,
        )
    }

    private fun answers() = below.apply {
        add(
            JPanel(GridLayout(1, 2, scaled(GAP), 0)).apply {
                add(titled(tuned, "try.tuned"))
                add(titled(untuned, "try.untuned"))
            },
        )
    }

    private fun titled(area: JTextArea, key: String) = JPanel(BorderLayout(0, scaled(GAP / 2))).apply {
        add(JLabel(words(key)).apply { labelFor = area }, BorderLayout.NORTH)
        add(JScrollPane(area), BorderLayout.CENTER)
    }

    private fun answerArea(key: String) = JTextArea().apply {
        isEditable = false
        lineWrap = true
        wrapStyleWord = true
        tabSize = TAB
        accessibleContext.accessibleName = words(key)
    }

    private fun ask() {
        if (ask.isEnabled) intent(Intent.Ask(run, listOf(input.text)))
    }

    private fun offer() {
        val isFree = run.isNotEmpty() && shown !is QuestionState.Waiting
        ask.isEnabled = isFree && input.text.isNotBlank()
        file.isEnabled = isFree
    }

    /** [run] is the id of the run whose model is asked; empty: there is none. */
    fun show(run: String, asked: QuestionState<PredictParams, PredictResult>) {
        this.run = run
        val isNew = asked !== shown
        shown = asked
        offer()
        said.text = when (asked) {
            QuestionState.Nothing -> ""
            is QuestionState.Waiting -> words("try.waiting")
            is QuestionState.Failed -> words.failure(asked.failure)
            is QuestionState.Answered -> asked.answer.notes.joinToString("\n")
        }
        if (isNew &&
            asked !is QuestionState.Waiting
        ) {
            show((asked as? QuestionState.Answered)?.answer?.answers.orEmpty())
        }
    }

    private fun show(answers: List<Answer>) {
        table.show(answers.mapIndexed(::AnswerRow))
        if (answers.size > 1) below.add(table, 0) else below.remove(table)
        below.revalidate()
        show(answers.firstOrNull())
    }

    private fun show(answer: Answer?) {
        tuned.text = answer?.let { answerText(it.answer) }.orEmpty()
        untuned.text = answer?.let { answerText(it.untuned) }.orEmpty()
        tuned.caretPosition = 0
        untuned.caretPosition = 0
    }

    private companion object {
        const val GAP = 8
        const val ROWS = 3
        const val TAB = 6
    }
}
