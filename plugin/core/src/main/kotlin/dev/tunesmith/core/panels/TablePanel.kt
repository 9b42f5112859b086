package dev.tunesmith.core.panels

import dev.tunesmith.core.Words
import dev.tunesmith.core.swing.Flowing
import dev.tunesmith.core.swing.PartScroll
import dev.tunesmith.core.swing.ScaledBorder
import dev.tunesmith.core.swing.onKeys
import dev.tunesmith.core.swing.scaled
import java.awt.BorderLayout
import java.awt.event.MouseAdapter
import java.awt.event.MouseEvent
import javax.swing.JLabel
import javax.swing.JPanel
import javax.swing.JPopupMenu
import javax.swing.JTable
import javax.swing.JTextField
import javax.swing.ListSelectionModel
import javax.swing.event.DocumentEvent
import javax.swing.event.DocumentListener
import javax.swing.table.AbstractTableModel

/**
 * What can be done with the chosen rows, in the menu and by [keys]; [run] gets at least one row, [words] may get none.
 */
internal class RowAction<R>(
    val words: (List<R>) -> String,
    val keys: String? = null,
    val isFor: (List<R>) -> Boolean = { true },
    val run: (List<R>) -> Unit,
) {
    constructor(
        words: String,
        keys: String? = null,
        isFor: (List<R>) -> Boolean = { true },
        run: (List<R>) -> Unit,
    ) : this({ words }, keys, isFor, run)
}

/**
 * A table that can be filtered and sorted, with a menu for its rows; the first of [actions] is also what Enter and a
 * double click do. What is chosen stays chosen when the rows change, as long as [identity] finds it again.
 */
public class TablePanel<R> internal constructor(
    private val words: Words,
    name: String,
    private var columns: List<Column<R>>,
    private val identity: (R) -> Any,
    private val actions: List<RowAction<R>>,
) : JPanel(BorderLayout()),
    Flowing {
    private var rows: List<R> = emptyList()
    private var shown: List<R> = emptyList()
    private val model = Rows()
    private val grid = EmptyTable(model) { emptyWords() }
    internal val table: JTable get() = grid
    internal val filter: JTextField = JTextField()
    private val count = JLabel()
    private val top = JPanel(BorderLayout(scaled(8), 0))
    private val scroll = PartScroll(table)
    private var isRefreshing = false

    /** The user chose these rows, by the mouse or by keys. */
    internal var chosen: (List<R>) -> Unit = {}

    /** The user clicked on a row in the column with this key. */
    internal var clicked: (String, R) -> Unit = { _, _ -> }

    /** Filter and order. */
    public var state: TableState = TableState()
        set(value) {
            field = value
            if (filter.text != value.filter) filter.text = value.filter
            refresh()
        }

    /** Of a page: as high as its rows, up to [ROWS_MOST]; only beyond them there is a filter. */
    internal var isPart: Boolean = false
        set(value) {
            field = value
            grid.rowsMost = if (value) ROWS_MOST else null
            refresh()
        }

    /** Words for a table without rows. */
    public var empty: String = words("table.empty")

    init {
        top.border = ScaledBorder(4, 8, 4, 8)
        filter.accessibleContext.accessibleName = words("table.filter")
        filter.toolTipText = words("table.filter")
        filter.putClientProperty("JTextField.placeholderText", words("table.filter"))
        top.add(filter, BorderLayout.CENTER)
        top.add(count, BorderLayout.LINE_END)
        add(top, BorderLayout.NORTH)
        table.accessibleContext.accessibleName = name
        table.selectionModel.selectionMode = ListSelectionModel.MULTIPLE_INTERVAL_SELECTION
        table.fillsViewportHeight = true
        table.preferredScrollableViewportSize = scaled(WIDTH, HEIGHT)
        table.setShowGrid(false)
        table.autoResizeMode = JTable.AUTO_RESIZE_SUBSEQUENT_COLUMNS
        table.tableHeader.reorderingAllowed = false
        scroll.setColumnHeaderView(table.tableHeader)
        add(scroll, BorderLayout.CENTER)
        dress(isNew = true)
        listen()
        refresh()
    }

    public val selected: List<R> get() = table.selectedRows.map { shown[it] }

    public fun show(rows: List<R>) {
        this.rows = rows
        refresh()
    }

    internal fun show(columns: List<Column<R>>, rows: List<R>) {
        val isNew = columns.map { it.key to it.heading } != this.columns.map { it.key to it.heading }
        this.columns = columns
        this.rows = rows
        if (isNew) {
            shown = emptyList()
            model.fireTableStructureChanged()
        }
        dress(isNew)
        refresh()
    }

    /** Chooses the row that [identity] gives this [key], and brings it into view. */
    internal fun choose(key: Any) {
        val at = shown.indexOfFirst { identity(it) == key }
        if (at < 0 || table.isRowSelected(at)) return
        quietly { table.setRowSelectionInterval(at, at) }
        table.scrollRectToVisible(table.getCellRect(at, 0, true))
    }

    private inline fun quietly(change: () -> Unit) {
        isRefreshing = true
        change()
        isRefreshing = false
    }

    private fun refresh() {
        val before = shown
        val chosen = selected.mapTo(HashSet(), identity)
        shown = visible(rows, columns, state)
        quietly {
            if (shown.size == before.size && shown.indices.all { identity(shown[it]) == identity(before[it]) }) {
                if (shown.isNotEmpty()) model.fireTableRowsUpdated(0, shown.size - 1)
            } else {
                model.fireTableDataChanged()
                shown.forEachIndexed { at, row -> if (identity(row) in chosen) table.addRowSelectionInterval(at, at) }
            }
        }
        count.text = if (shown.size == rows.size) rows.size.toString() else words("table.some", shown.size, rows.size)
        table.tableHeader.repaint()
        top.isVisible = !isPart || rows.size > ROWS_MOST
        if (isPart && shown.size != before.size) revalidate()
    }

    override fun heightFor(width: Int): Int {
        val bar = if (table.preferredSize.width > width) scroll.horizontalScrollBar.preferredSize.height else 0
        return preferredSize.height + bar
    }

    private fun emptyWords(): String = if (rows.isEmpty()) empty else words("table.nothing-found")

    /** What a user made wider stays so, as long as the columns are the same. */
    private fun dress(isNew: Boolean) {
        columns.forEachIndexed { index, column ->
            val tableColumn = table.columnModel.getColumn(index)
            if (isNew) tableColumn.preferredWidth = scaled(column.width)
            tableColumn.cellRenderer = CellRenderer(column) { shown[it] }
            tableColumn.headerRenderer = HeadingRenderer(column, table.tableHeader.defaultRenderer) { state.sort }
        }
        if (isNew) grid.widen()
    }

    private fun listen() {
        filter.document.addDocumentListener(
            OnText {
                if (filter.text !=
                    state.filter
                ) {
                    state = state.copy(filter = filter.text)
                }
            },
        )
        table.tableHeader.addMouseListener(
            object : MouseAdapter() {
                override fun mouseClicked(event: MouseEvent) {
                    val at = table.columnAtPoint(event.point)
                    if (at >= 0) state = state.sortedBy(columns[at].key)
                }
            },
        )
        table.addMouseListener(
            object : MouseAdapter() {
                override fun mouseClicked(event: MouseEvent) {
                    val row = shown.getOrNull(table.rowAtPoint(event.point)) ?: return
                    if (event.clickCount == 2) run(actions.firstOrNull())
                    columns.getOrNull(table.columnAtPoint(event.point))?.let { clicked(it.key, row) }
                }

                override fun mousePressed(event: MouseEvent) = menuAt(event)

                override fun mouseReleased(event: MouseEvent) = menuAt(event)
            },
        )
        table.selectionModel.addListSelectionListener {
            if (!it.valueIsAdjusting && !isRefreshing && table.selectedRowCount > 0) chosen(selected)
        }
        table.onKeys("ENTER", within = true) { run(actions.firstOrNull()) }
        table.onKeys("ctrl shift S", within = true) { sortByKey() }
        actions.forEach { action -> action.keys?.let { keys -> table.onKeys(keys, within = true) { run(action) } } }
        for (keys in listOf("CONTEXT_MENU", "shift F10")) {
            table.onKeys(keys, within = true) {
                menu().show(
                    table,
                    scaled(20),
                    maxOf(0, table.selectedRow) * table.rowHeight,
                )
            }
        }
    }

    /** The header cannot be reached by keys, so the column of the cell that has the focus is sorted. */
    private fun sortByKey() {
        val at = table.columnModel.selectionModel.leadSelectionIndex
        if (at in columns.indices) state = state.sortedBy(columns[at].key)
    }

    private fun run(action: RowAction<R>?) {
        val chosen = selected
        if (action != null && chosen.isNotEmpty() && action.isFor(chosen)) action.run(chosen)
    }

    private fun menuAt(event: MouseEvent) {
        if (!event.isPopupTrigger) return
        val row = table.rowAtPoint(event.point)
        if (row >= 0 && !table.isRowSelected(row)) table.setRowSelectionInterval(row, row)
        menu().show(table, event.x, event.y)
    }

    internal fun menu(): JPopupMenu {
        val menu = JPopupMenu()
        val chosen = selected
        for (action in actions) {
            val item = menu.add(action.words(chosen))
            item.isEnabled = chosen.isNotEmpty() && action.isFor(chosen)
            item.addActionListener { run(action) }
        }
        return menu
    }

    private companion object {
        const val WIDTH = 440
        const val HEIGHT = 160
        const val ROWS_MOST = 12
    }

    private inner class Rows : AbstractTableModel() {
        override fun getRowCount(): Int = shown.size

        override fun getColumnCount(): Int = columns.size

        override fun getColumnName(column: Int): String = columns[column].heading

        override fun getValueAt(row: Int, column: Int): String = columns[column].text(shown[row])
    }
}

internal class OnText(private val run: () -> Unit) : DocumentListener {
    override fun insertUpdate(event: DocumentEvent) = run()

    override fun removeUpdate(event: DocumentEvent) = run()

    override fun changedUpdate(event: DocumentEvent) = run()
}
