package dev.tunesmith.core.panels

import java.awt.Component
import javax.swing.DefaultListCellRenderer
import javax.swing.JList

/** Draws the entries of a list by the [name] of each, with its [help] where it has one. */
internal class ListNames<T>(private val help: (T?) -> String? = { null }, private val name: (T?) -> String) :
    DefaultListCellRenderer() {
    override fun getListCellRendererComponent(
        list: JList<*>?,
        value: Any?,
        index: Int,
        isSelected: Boolean,
        cellHasFocus: Boolean,
    ): Component {
        @Suppress("UNCHECKED_CAST")
        val entry = value as T?
        super.getListCellRendererComponent(list, name(entry), index, isSelected, cellHasFocus)
        toolTipText = help(entry)
        getAccessibleContext().accessibleDescription = toolTipText
        return this
    }
}
