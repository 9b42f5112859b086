package dev.tunesmith.core.wizard

import dev.tunesmith.core.Words
import dev.tunesmith.core.chart.countWords
import dev.tunesmith.core.panels.EmptyTable
import dev.tunesmith.core.panels.placeHeading
import dev.tunesmith.core.protocol.ColumnInfo
import dev.tunesmith.core.protocol.PreviewColumn
import dev.tunesmith.core.swing.NamedListRenderer
import dev.tunesmith.core.swing.ScaledBorder
import dev.tunesmith.core.swing.scaled
import dev.tunesmith.core.swing.showsLetters
import java.awt.Component
import java.awt.Dimension
import java.awt.KeyboardFocusManager
import java.awt.event.ActionEvent
import javax.swing.AbstractAction
import javax.swing.DefaultCellEditor
import javax.swing.JComboBox
import javax.swing.JComponent
import javax.swing.JLabel
import javax.swing.JScrollPane
import javax.swing.JTable
import javax.swing.KeyStroke
import javax.swing.ListSelectionModel
import javax.swing.SwingConstants
import javax.swing.table.AbstractTableModel
import javax.swing.table.DefaultTableCellRenderer
import javax.swing.table.TableCellRenderer

/** The columns of the data with the role that each plays; Space or Enter, a click, or typing opens the choice. */
internal class ColumnsTable(private val words: Words, private val send: (WizardEvent) -> Unit) {
    private var data: String? = null
    private var columns: List<PreviewColumn> = emptyList()
    private var roles: Map<String, String> = emptyMap()
    private val choices = JComboBox<ColumnInfo?>()
    private val model = Rows()
    val table: JTable = EmptyTable(model) { words("wizard.columns.empty") }
    val component: JScrollPane = JScrollPane(table)

    init {
        choices.renderer = NamedListRenderer<ColumnInfo>({ it?.help?.ifEmpty { null } }) { roleWords(it, words) }
        choices.accessibleContext.accessibleName = words("wizard.columns.role")
        table.accessibleContext.accessibleName = words("wizard.columns.title")
        table.accessibleContext.accessibleDescription = words("wizard.columns.help")
        table.toolTipText = words("wizard.columns.help")
        table.selectionModel.selectionMode = ListSelectionModel.SINGLE_SELECTION
        table.fillsViewportHeight = true
        table.setShowGrid(false)
        table.rowHeight = maxOf(table.rowHeight, choices.preferredSize.height)
        table.tableHeader.reorderingAllowed = false
        table.preferredScrollableViewportSize = Dimension(0, 0)
        table.setFocusTraversalKeys(KeyboardFocusManager.FORWARD_TRAVERSAL_KEYS, null)
        table.setFocusTraversalKeys(KeyboardFocusManager.BACKWARD_TRAVERSAL_KEYS, null)
        component.setColumnHeaderView(table.tableHeader)
        WIDTHS.forEachIndexed { index, width -> table.columnModel.getColumn(index).preferredWidth = scaled(width) }
        val plain = table.tableHeader.defaultRenderer
        for (index in WIDTHS.indices) {
            table.columnModel.getColumn(index).cellRenderer = Cells()
            table.columnModel.getColumn(index).headerRenderer = heading(plain, isNumber = index in NUMBERS)
        }
        table.columnModel.getColumn(ROLE).cellEditor = DefaultCellEditor(choices)
        for (keys in listOf("SPACE", "ENTER")) {
            table.getInputMap(JComponent.WHEN_ANCESTOR_OF_FOCUSED_COMPONENT).put(KeyStroke.getKeyStroke(keys), EDIT)
        }
        table.actionMap.put(
            EDIT,
            object : AbstractAction() {
                override fun actionPerformed(event: ActionEvent?) = edit()
            },
        )
    }

    fun show(state: WizardState) {
        val isLookedAtAgain = state.preview is Loaded.Loading && state.data == data
        data = state.data
        val now = if (isLookedAtAgain) columns else state.preview.orNull?.columns.orEmpty()
        val played = state.roles.flatMap { (role, names) -> names.map { it to role } }.toMap()
        if (now == columns && played == roles) return
        if (table.isEditing) table.cellEditor.cancelCellEditing()
        val row = table.selectedRow
        columns = now
        roles = played
        choices.removeAllItems()
        choices.addItem(null)
        state.taskInfo?.columns.orEmpty().forEach { choices.addItem(it) }
        model.fireTableDataChanged()
        if (row in columns.indices) table.setRowSelectionInterval(row, row)
    }

    private fun edit() {
        val row = table.selectedRow.takeIf { it >= 0 } ?: return
        if (!table.editCellAt(row, ROLE)) return
        choices.requestFocusInWindow()
        if (choices.isShowing) choices.showPopup()
    }

    private inner class Rows : AbstractTableModel() {
        override fun getRowCount(): Int = columns.size

        override fun getColumnCount(): Int = WIDTHS.size

        override fun getColumnName(column: Int): String = words(HEADINGS[column])

        override fun isCellEditable(row: Int, column: Int): Boolean = column == ROLE

        override fun getValueAt(row: Int, column: Int): Any? {
            val found = columns[row]
            return when (column) {
                0 -> found.name
                1 -> kindWords(found.kind, words)
                2 -> countWords(found.distinct)
                3 -> countWords(found.empty)
                else -> roles[found.name]?.let(::known)
            }
        }

        private fun known(role: String): ColumnInfo? =
            (0 until choices.itemCount).map { choices.getItemAt(it) }.firstOrNull { it?.role == role }

        override fun setValueAt(value: Any?, row: Int, column: Int) {
            val name = columns.getOrNull(row)?.name ?: return
            val role = (value as? ColumnInfo)?.role
            if (role != roles[name]) send(WizardEvent.GiveRole(name, role))
        }
    }

    private inner class Cells : DefaultTableCellRenderer() {
        init {
            showsLetters()
        }

        override fun getTableCellRendererComponent(
            table: JTable,
            value: Any?,
            isSelected: Boolean,
            hasFocus: Boolean,
            row: Int,
            column: Int,
        ): Component {
            val text = if (column == ROLE) roleWords(value as? ColumnInfo, words) + " ▾" else value
            super.getTableCellRendererComponent(table, text, isSelected, hasFocus, row, column)
            horizontalAlignment = if (column in NUMBERS) SwingConstants.RIGHT else SwingConstants.LEFT
            border = ScaledBorder(0, 8, 0, 8)
            return this
        }
    }

    private companion object {
        val HEADINGS = listOf(
            "wizard.columns.name",
            "wizard.columns.kind",
            "wizard.columns.distinct",
            "wizard.columns.gaps",
            "wizard.columns.role",
        )
        val WIDTHS = listOf(140, 80, 80, 70, 130)
        val NUMBERS = 2..3
        const val ROLE = 4
        const val EDIT = "edit"
    }
}

/** As the headings of other tables. */
private fun heading(plain: TableCellRenderer, isNumber: Boolean) =
    TableCellRenderer { table, value, isSelected, hasFocus, row, column ->
        plain.getTableCellRendererComponent(table, value, isSelected, hasFocus, row, column).also { found ->
            if (found is JLabel) placeHeading(found, isNumber)
        }
    }

/** What a column holds; a kind that a newer runtime knows is told as it is called. */
internal fun kindWords(kind: String, words: Words): String = if (kind in KINDS) words("wizard.kind.$kind") else kind

private val KINDS = listOf("text", "number", "label", "image", "list")

private fun roleWords(role: ColumnInfo?, words: Words): String = role?.role ?: words("wizard.columns.unused")
