package dev.tunesmith.core.panels

import dev.tunesmith.core.Words
import dev.tunesmith.core.chart.valueWords
import dev.tunesmith.core.swing.scaled

/** One line of a [ValuesPanel]. */
internal data class NamedValue<V>(val name: String, val value: V)

/** Names with a value each. */
internal class ValuesPanel<V>(words: Words, title: String, name: Column<NamedValue<V>>, value: Column<NamedValue<V>>) {
    val component: TablePanel<NamedValue<V>> =
        TablePanel(words, title, listOf(name, value), { it.name }, emptyList())

    fun show(values: Map<String, V>) {
        component.show(values.map { (name, value) -> NamedValue(name, value) })
    }
}

/** All figures of a report or an evaluation. */
internal fun figuresPanel(words: Words): ValuesPanel<Double> = ValuesPanel<Double>(
    words,
    words("figures.title"),
    Column("name", words("figures.column.name"), { it.name }, byText { it.name }, 150),
    Column("value", words("figures.column.value"), { valueWords(it.value) }, by { it.value }, 90, true),
).apply {
    component.empty = words("figures.empty")
    component.table.preferredScrollableViewportSize = scaled(FIGURES_WIDTH, FIGURES_HEIGHT)
}

/** The job as a run was given it, every default written out. */
internal fun settingsPanel(words: Words): ValuesPanel<Any?> = ValuesPanel(
    words,
    words("settings.title"),
    Column("name", words("settings.column.key"), { it.name }, byText { it.name }, 200),
    Column("value", words("settings.column.value"), { anyWords(it.value) }, byText { anyWords(it.value) }, 300),
)

private const val FIGURES_WIDTH = 240
private const val FIGURES_HEIGHT = 160
