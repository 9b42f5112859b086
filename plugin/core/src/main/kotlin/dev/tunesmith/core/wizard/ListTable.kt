package dev.tunesmith.core.wizard

import dev.tunesmith.core.panels.CellRenderer
import dev.tunesmith.core.panels.Column
import dev.tunesmith.core.panels.EmptyTable
import dev.tunesmith.core.panels.HeadingRenderer
import dev.tunesmith.core.swing.scaled
import java.awt.Dimension
import java.awt.KeyboardFocusManager
import java.awt.event.ComponentAdapter
import java.awt.event.ComponentEvent
import javax.swing.JScrollPane
import javax.swing.JTable
import javax.swing.ListSelectionModel
import javax.swing.table.AbstractTableModel

/**
 * A table to read, or to choose one row of with arrow keys or the mouse. The Tab key leaves it, as it leaves a list.
 *
 * @param identity What tells a row from others, so that it stays chosen when rows come anew.
 * @param chosen Told which row the user chose.
 */
internal class ListTable<R>(
    name: String,
    private var columns: List<Column<R>>,
    private val identity: (R) -> Any? = { it },
    private val chosen: (R) -> Unit = {},
) {
    private var rows: List<R> = emptyList()
    private var isShowing = false
    private val model = Rows()
    val table: JTable = EmptyTable(model) { empty }
    val component: JScrollPane = JScrollPane(table)

    /** Words for a table without rows. */
    var empty: String = ""

    init {
        table.accessibleContext.accessibleName = name
        table.selectionModel.selectionMode = ListSelectionModel.SINGLE_SELECTION
        table.fillsViewportHeight = true
        table.setShowGrid(false)
        table.tableHeader.reorderingAllowed = false
        table.preferredScrollableViewportSize = Dimension(0, 0)
        table.setFocusTraversalKeys(KeyboardFocusManager.FORWARD_TRAVERSAL_KEYS, null)
        table.setFocusTraversalKeys(KeyboardFocusManager.BACKWARD_TRAVERSAL_KEYS, null)
        component.setColumnHeaderView(table.tableHeader)
        component.viewport.addComponentListener(
            object : ComponentAdapter() {
                override fun componentResized(event: ComponentEvent) = reveal()
            },
        )
        table.selectionModel.addListSelectionListener {
            if (!isShowing && !it.valueIsAdjusting) rows.getOrNull(table.selectedRow)?.let(chosen)
        }
        dress()
    }

    /** Shows [rows]; the one whose identity is [selected] is the chosen one. */
    fun show(rows: List<R>, selected: Any? = NONE) {
        if (rows == this.rows && selected == identityAt(table.selectedRow)) return
        isShowing = true
        if (rows != this.rows) {
            this.rows = rows
            model.fireTableDataChanged()
        }
        val at = rows.indexOfFirst { identity(it) == selected }
        if (at >= 0) table.setRowSelectionInterval(at, at) else table.clearSelection()
        reveal()
        isShowing = false
    }

    fun show(columns: List<Column<R>>, rows: List<R>) {
        val isOther = columns.map { it.heading } != this.columns.map { it.heading }
        this.columns = columns
        if (isOther) model.fireTableStructureChanged()
        dress()
        show(rows)
        table.repaint()
    }

    /** Brings the chosen row into sight; the list gets its size only after it was shown first. */
    private fun reveal() {
        val at = table.selectedRow
        if (at >= 0) table.scrollRectToVisible(table.getCellRect(at, 0, true))
    }

    private fun identityAt(row: Int): Any? = rows.getOrNull(row)?.let(identity) ?: NONE

    private fun dress() {
        columns.forEachIndexed { index, column ->
            val shown = table.columnModel.getColumn(index)
            shown.preferredWidth = scaled(column.width)
            shown.cellRenderer = CellRenderer(column) { rows[it] }
            shown.headerRenderer = HeadingRenderer(column, table.tableHeader.defaultRenderer) { null }
        }
    }

    private inner class Rows : AbstractTableModel() {
        override fun getRowCount(): Int = rows.size

        override fun getColumnCount(): Int = columns.size

        override fun getColumnName(column: Int): String = columns[column].heading

        override fun getValueAt(row: Int, column: Int): Any = columns[column].text(rows[row])
    }

    private object NONE
}
