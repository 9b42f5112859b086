package dev.tunesmith.core.panels

import dev.tunesmith.core.Words
import dev.tunesmith.core.chart.valueWords
import java.awt.Dimension

/** One figure of a report or an evaluation. */
internal data class Figure(val name: String, val value: Double)

/** All figures, by name. */
public class FiguresPanel(words: Words) {
    public val component: TablePanel<*> get() = table

    internal val table: TablePanel<Figure> = TablePanel(
        words,
        words("figures.title"),
        listOf(
            Column("name", words("figures.column.name"), { it.name }, byText { it.name }, 150),
            Column("value", words("figures.column.value"), { valueWords(it.value) }, by { it.value }, 90, true),
        ),
        { it.name },
        emptyList(),
    )

    init {
        table.empty = words("figures.empty")
        table.table.preferredScrollableViewportSize = Dimension(WIDTH, HEIGHT)
    }

    public fun show(metrics: Map<String, Double>) {
        table.show(metrics.map { (name, value) -> Figure(name, value) })
    }

    private companion object {
        const val WIDTH = 240
        const val HEIGHT = 160
    }
}
