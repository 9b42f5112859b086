package dev.tunesmith.core.panels

/** One column of a table: its words, and by what it is sorted. */
internal class Column<R>(
    /** Where the heading's words are in the bundle. */
    val key: String,
    val heading: String,
    val text: (R) -> String,
    val order: Comparator<R>,
    val width: Int = 100,
    val isNumber: Boolean = false,
    val look: Look = Look.TEXT,
    val isFaint: (R) -> Boolean = { false },
    val fraction: (R) -> Double? = { null },
)

/** How a cell is drawn besides its words. */
internal enum class Look { TEXT, STATUS, PROGRESS, SWATCH }

/** By which column a table is sorted. */
public data class Sort(val key: String, val isDescending: Boolean)

/** What its user has set about a table. */
public data class TableState(val filter: String = "", val sort: Sort? = null) {
    /** Once up, once down, then as the rows came. */
    public fun sortedBy(key: String): TableState = when (sort) {
        Sort(key, false) -> copy(sort = Sort(key, true))
        Sort(key, true) -> copy(sort = null)
        else -> copy(sort = Sort(key, false))
    }
}

/** The rows that are seen, in their order: each word of the filter stands in some column of them, in any case. */
internal fun <R> visible(rows: List<R>, columns: List<Column<R>>, state: TableState): List<R> {
    val words = state.filter.lowercase().split(' ', '\t').filter { it.isNotEmpty() }
    val found = if (words.isEmpty()) rows else rows.filter { row -> matches(row, columns, words) }
    val sort = state.sort ?: return found
    val column = columns.firstOrNull { it.key == sort.key } ?: return found
    return found.sortedWith(if (sort.isDescending) column.order.reversed() else column.order)
}

private fun <R> matches(row: R, columns: List<Column<R>>, words: List<String>): Boolean {
    val texts = columns.map { it.text(row).lowercase() }
    return words.all { word -> texts.any { word in it } }
}

/** Sorts by a value that a row may not have; such rows stand last, however it is sorted. */
internal fun <R, T : Comparable<T>> by(value: (R) -> T?): Comparator<R> = MissingLast(value, false)

private class MissingLast<R, T : Comparable<T>>(private val value: (R) -> T?, private val isReversed: Boolean) :
    Comparator<R> {
    override fun compare(a: R, b: R): Int {
        val x = value(a)
        val y = value(b)
        return when {
            x == null && y == null -> 0
            x == null -> 1
            y == null -> -1
            isReversed -> y.compareTo(x)
            else -> x.compareTo(y)
        }
    }

    override fun reversed(): Comparator<R> = MissingLast(value, !isReversed)
}

/** Sorts words as people do, whatever their case. */
internal fun <R> byText(text: (R) -> String): Comparator<R> = by { text(it).lowercase() }
