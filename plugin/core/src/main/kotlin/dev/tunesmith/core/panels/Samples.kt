package dev.tunesmith.core.panels

import dev.tunesmith.core.Words
import dev.tunesmith.core.chart.valueWords
import dev.tunesmith.core.protocol.Sample
import java.io.File

/** A held-out row in a line: its values in one text. */
internal fun sampleText(sample: Sample): String = if (sample.values.size ==
    1
) {
    anyWords(sample.values.values.single())
} else {
    sample.values.entries.joinToString("  ") { (role, value) -> "$role: ${anyWords(value)}" }
}

internal fun placeWords(file: String?, line: Long?): String = when {
    file == null -> NOTHING
    line == null -> File(file).name
    else -> "${File(file).name}:$line"
}

internal fun sampleColumns(words: Words): List<Column<Sample>> {
    fun heading(name: String) = words("samples.column.$name")
    fun right(sample: Sample) = when (sample.right) {
        true -> words("samples.right")
        false -> words("samples.wrong")
        null -> NOTHING
    }
    return listOf(
        Column("loss", heading("loss"), {
            it.loss?.let { loss -> valueWords(loss, 4) } ?: NOTHING
        }, by { it.loss }, 70, true),
        Column("expected", heading("expected"), { anyWords(it.expected) }, byText { anyWords(it.expected) }, 100),
        Column("predicted", heading("predicted"), { anyWords(it.predicted) }, byText { anyWords(it.predicted) }, 100),
        Column("right", heading("right"), ::right, by { it.right }, 60),
        Column("text", heading("text"), ::sampleText, byText(::sampleText), 320),
        Column("place", heading("place"), { placeWords(it.file, it.line) }, by { it.line }, 120),
    )
}

/** Held-out rows with the model's answers: the hardest ones, or those behind a cell of the confusion matrix. */
public class SamplesPanel(words: Words, intent: (Intent) -> Unit) {
    public val component: TablePanel<*> get() = table

    internal val table: TablePanel<Sample> = TablePanel(
        words,
        words("samples.title"),
        sampleColumns(words),
        { it.row },
        listOf(
            RowAction(words("samples.open"), null, { it.size == 1 && it[0].file != null }) { rows ->
                rows[0].file?.let { intent(Intent.OpenPlace(it, rows[0].line)) }
            },
        ),
    )

    init {
        table.empty = words("samples.empty")
    }

    public fun show(samples: List<Sample>) {
        table.show(samples)
    }
}
