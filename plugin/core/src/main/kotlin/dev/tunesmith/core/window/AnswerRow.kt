package dev.tunesmith.core.window

import dev.tunesmith.core.Words
import dev.tunesmith.core.panels.Column
import dev.tunesmith.core.panels.TablePanel
import dev.tunesmith.core.panels.answerLine
import dev.tunesmith.core.panels.anyWords
import dev.tunesmith.core.panels.byText
import dev.tunesmith.core.protocol.Answer

/** One of several answers, by its number. */
internal data class AnswerRow(val number: Int, val answer: Answer)

internal fun answerTable(words: Words): TablePanel<AnswerRow> {
    fun column(key: String, width: Int, text: (AnswerRow) -> String) =
        Column(key, words("try.column.$key"), text, byText(text), width)
    return TablePanel(
        words,
        words("try.answers"),
        listOf(
            column("input", 320) { anyWords(it.answer.input) },
            column("tuned", 160) { answerLine(it.answer.answer) },
            column("untuned", 160) { answerLine(it.answer.untuned) },
        ),
        { it.number },
        emptyList(),
    )
}
