package dev.tunesmith.core.panels

import dev.tunesmith.core.Words
import dev.tunesmith.core.protocol.Comparison
import dev.tunesmith.core.protocol.Difference

/** One thing in which the chosen runs differ. */
internal data class DifferenceRow(val section: String, val name: String, val values: List<String>)

/** Only what differs, section by section. */
internal fun differenceRows(comparison: Comparison, words: Words): List<DifferenceRow> {
    fun section(key: String, found: List<Difference>) = found.map { difference ->
        DifferenceRow(words("differences.$key"), difference.name, difference.values.map(::anyWords))
    }
    val all =
        section("settings", comparison.settings) + section("metrics", comparison.metrics) +
            section("data", comparison.data) +
            section("code", comparison.code) + section("environment", comparison.environment)
    return all.filter { row -> row.values.any { it != row.values[0] } }
}

internal fun differenceColumns(comparison: Comparison, words: Words): List<Column<DifferenceRow>> {
    val runs = comparison.runs.mapIndexed { index, run ->
        fun value(row: DifferenceRow) = row.values.getOrElse(index) { NOTHING }
        Column<DifferenceRow>("run-$index", run.name.ifEmpty { run.id }, ::value, byText(::value), 160)
    }
    return listOf<Column<DifferenceRow>>(
        Column("section", words("differences.column.section"), { it.section }, byText { it.section }, 90),
        Column("name", words("differences.column.name"), { it.name }, byText { it.name }, 160),
    ) + runs
}

/** In what the chosen runs differ, one column a run. */
public class DifferencesPanel(private val words: Words) {
    public val component: TablePanel<*> get() = table

    internal val table: TablePanel<DifferenceRow> =
        TablePanel(words, words("differences.title"), differenceColumns(Comparison(), words), {
            it.section to it.name
        }, emptyList())

    /** Says [words] instead of differences. */
    public fun say(words: String) {
        table.empty = words
        table.show(differenceColumns(Comparison(), this.words), emptyList())
    }

    public fun show(comparison: Comparison) {
        table.empty = words(if (comparison.runs.size < 2) "differences.choose" else "differences.none")
        table.show(differenceColumns(comparison, words), differenceRows(comparison, words))
    }
}
