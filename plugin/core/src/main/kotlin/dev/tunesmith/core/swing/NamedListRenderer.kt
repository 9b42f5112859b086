package dev.tunesmith.core.swing

import dev.tunesmith.core.swing.showsLetters
import dev.tunesmith.core.swing.tip
import java.awt.Component
import javax.swing.DefaultListCellRenderer
import javax.swing.JList

/** Draws the entries of a list by the [name] of each, with its [help] where it has one. */
internal class NamedListRenderer<T>(private val help: (T?) -> String? = { null }, private val name: (T?) -> String) :
    DefaultListCellRenderer() {
    init {
        showsLetters()
    }

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
        val words = help(entry)
        toolTipText = tip(words)
        getAccessibleContext().accessibleDescription = words
        return this
    }
}
