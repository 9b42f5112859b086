package dev.tunesmith.core.panels

import dev.tunesmith.core.Words
import dev.tunesmith.core.chart.countWords
import dev.tunesmith.core.chart.valueWords
import dev.tunesmith.core.protocol.RowPlace
import dev.tunesmith.core.protocol.Sample
import dev.tunesmith.core.swing.SelectableText
import dev.tunesmith.core.swing.scaled
import java.awt.BorderLayout
import java.io.File
import javax.swing.JComponent
import javax.swing.JPanel
import javax.swing.JScrollPane

/** A held-out row in a line: its values in one text. */
internal fun sampleText(sample: Sample): String = inputs(sample).let { found ->
    found.values.singleOrNull()?.let(::anyWords)
        ?: found.entries.joinToString("  ") { (role, value) -> "$role: ${anyWords(value)}" }
}

/** What the model saw of the row: all but the answer that stands beside it. */
private fun inputs(sample: Sample): Map<String, Any?> =
    sample.values.filterValues { it != sample.expected }.ifEmpty { sample.values }

/** What the model said: a label, a number, or, with what else it said, a map. */
private fun predictedWords(sample: Sample): String =
    (sample.predicted as? Map<*, *>)?.let(::answerLine) ?: anyWords(sample.predicted)

/** Null for numbers and texts, which are not right or wrong. */
private fun isRight(sample: Sample): Boolean? {
    val label = (sample.predicted as? Map<*, *>)?.get("label") ?: return sample.right
    return sample.right ?: (label == sample.expected)
}

internal fun placeWords(file: String?, line: Long?): String = when {
    file == null -> NOTHING
    line == null -> File(file).name
    else -> "${File(file).name}:$line"
}

internal fun sampleColumns(words: Words): List<Column<Sample>> {
    fun heading(name: String) = words("samples.column.$name")
    fun right(sample: Sample) = when (isRight(sample)) {
        true -> words("samples.right")
        false -> words("samples.wrong")
        null -> NOTHING
    }
    return listOf(
        Column("loss", heading("loss"), {
            it.loss?.let { loss -> valueWords(loss, 4) } ?: NOTHING
        }, by { it.loss }, 70, true),
        Column("expected", heading("expected"), { anyWords(it.expected) }, byText { anyWords(it.expected) }, 100),
        Column("predicted", heading("predicted"), ::predictedWords, byText(::predictedWords), 130),
        Column("right", heading("right"), ::right, by(::isRight), 60),
        Column("text", heading("text"), ::sampleText, byText(::sampleText), 320),
        Column("place", heading("place"), { placeWords(it.file, it.line) }, by { it.line }, 160),
    )
}

private fun placeColumns(words: Words): List<Column<Sample>> = listOf(
    Column("number", words("samples.column.number"), { countWords(it.row + 1) }, by { it.row }, 60, true),
    Column("place", words("samples.column.place"), { placeWords(it.file, it.line) }, by { it.line }, 160),
    Column("file", words("samples.column.file"), { it.file ?: NOTHING }, byText { it.file.orEmpty() }, 320),
)

/** All of a row to read: what it should be, what the model says, what the model saw. */
internal fun sampleLines(sample: Sample, words: Words): String {
    val predicted = if (sample.predicted is Map<*, *>) predictedWords(sample) else sample.predicted
    val said = listOf(
        words("samples.column.expected") to sample.expected,
        words("samples.column.predicted") to predicted,
    )
    return (said + inputs(sample).toList()).joinToString("\n") { (name, value) ->
        val lines = linesOf(value)
        words("samples.said", name, if (lines.size == 1) lines[0] else lines.joinToString("\n    ", "\n    "))
    }
}

/** Held-out rows with the model's answers: the hardest ones, or those behind a cell of the confusion matrix. */
public class SamplesPanel(private val words: Words, private val intent: (Intent) -> Unit) {
    private var run = ""

    public val component: JComponent = JPanel(BorderLayout())

    internal val table: TablePanel<Sample> = TablePanel(
        words,
        words("samples.title"),
        sampleColumns(words),
        { it.row },
        listOf(
            RowAction(words("samples.open"), null, { it.size == 1 && it[0].file != null }) { rows ->
                rows[0].file?.let { intent(Intent.OpenPlace(it, rows[0].line)) }
            },
            RowAction(words("samples.try"), null, ::canBeTried) { rows ->
                typed(rows[0])?.let { intent(Intent.Try(run, it)) }
            },
        ),
    )

    /** The chosen row in full. */
    internal val whole: SelectableText = SelectableText(above = 6, beside = 8)
    private val wholePlace = JScrollPane(whole)

    init {
        table.empty = words("samples.empty")
        wholePlace.preferredSize = scaled(0, WHOLE_HEIGHT)
        whole.accessibleContext.accessibleName = words("samples.whole")
        component.add(table, BorderLayout.CENTER)
        component.add(wholePlace, BorderLayout.SOUTH)
        table.table.selectionModel.addListSelectionListener { showWhole() }
        showWhole()
    }

    private fun showWhole() {
        val row = table.selected.singleOrNull()?.takeIf { it.values.isNotEmpty() }
        val text = row?.let { sampleLines(it, words) }.orEmpty()
        if (text == whole.text && wholePlace.isVisible == text.isNotEmpty()) return
        whole.text = text
        whole.caretPosition = 0
        wholePlace.isVisible = text.isNotEmpty()
        component.revalidate()
    }

    private companion object {
        const val WHOLE_HEIGHT = 120
    }

    public fun show(samples: List<Sample>, run: String = "") {
        this.run = run
        table.show(sampleColumns(words), samples)
        showWhole()
    }

    /** Shows where the rows of a step stand; there are no answers beside them. */
    public fun showPlaces(rows: List<RowPlace>) {
        val samples = rows.mapIndexed { number, row -> Sample(number.toLong(), row.file, row.line) }
        table.show(placeColumns(words), samples)
        showWhole()
    }

    private fun canBeTried(rows: List<Sample>) = run.isNotEmpty() && rows.size == 1 && typed(rows[0]) != null

    /** What a user would type to ask about the row; null where it is more than one text. */
    private fun typed(sample: Sample): String? = inputs(sample).values.singleOrNull() as? String
}
