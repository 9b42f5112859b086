package dev.tunesmith.core.swing

import java.awt.Component
import java.awt.Container
import java.awt.event.ContainerEvent
import java.awt.event.ContainerListener
import javax.swing.AbstractButton
import javax.swing.JComboBox
import javax.swing.JComponent
import javax.swing.JLabel
import javax.swing.JList
import javax.swing.JTable
import javax.swing.plaf.basic.BasicHTML

/*
 * Swing reads every text that begins with <html> as HTML: it would load the pictures that a cell of somebody's table
 * names. Names, labels and messages are data, so they are shown letter by letter.
 */

/** From now on this, everything in it and everything that comes into it later shows texts letter by letter. */
internal fun <C : JComponent> C.showsLetters(): C = apply { letters(this) }

/** [text] as a tooltip, which Swing and the IDE read as HTML; null for none. */
public fun tip(text: String?): String? = when {
    text.isNullOrEmpty() -> null
    '<' in text || '&' in text -> "<html>${escaped(text)}</html>"
    else -> text
}

/** [text] as HTML shows it letter by letter, for places of the IDE that read everything as HTML. */
public fun escaped(text: String): String = buildString(text.length) {
    for (sign in text) {
        when (sign) {
            '&' -> append("&amp;")
            '<' -> append("&lt;")
            '>' -> append("&gt;")
            '"' -> append("&quot;")
            '\n' -> append("<br>")
            else -> append(sign)
        }
    }
}

private fun letters(component: Component) {
    if (component is JComponent) component.putClientProperty("html.disable", true)
    when (component) {
        is JLabel -> BasicHTML.updateRenderer(component, component.text)
        is AbstractButton -> BasicHTML.updateRenderer(component, component.text)
        is JTable -> (component.tableHeader?.defaultRenderer as? JComponent)?.let(::letters)
        is JList<*> -> (component.cellRenderer as? JComponent)?.let(::letters)
        is JComboBox<*> -> (component.renderer as? JComponent)?.let(::letters)
    }
    if (component is Container) {
        component.components.forEach(::letters)
        if (Newcomers !in component.containerListeners) component.addContainerListener(Newcomers)
    }
}

private object Newcomers : ContainerListener {
    override fun componentAdded(event: ContainerEvent) = letters(event.child)

    override fun componentRemoved(event: ContainerEvent) = Unit
}
