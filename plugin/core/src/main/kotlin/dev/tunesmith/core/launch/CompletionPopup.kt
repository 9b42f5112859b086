package dev.tunesmith.core.launch

import dev.tunesmith.core.swing.NamedListRenderer
import dev.tunesmith.core.swing.scaled
import dev.tunesmith.core.swing.showsLetters
import java.awt.Dimension
import java.awt.event.FocusAdapter
import java.awt.event.FocusEvent
import java.awt.event.KeyAdapter
import java.awt.event.KeyEvent
import java.awt.event.MouseAdapter
import java.awt.event.MouseEvent
import javax.swing.JList
import javax.swing.JPopupMenu
import javax.swing.JScrollPane
import javax.swing.ListSelectionModel
import javax.swing.SwingUtilities
import javax.swing.event.DocumentEvent
import javax.swing.event.DocumentListener
import javax.swing.text.JTextComponent

/**
 * Offers what may be written at the caret of [field]: by itself while the user types, and with Ctrl Space.
 *
 * Arrow keys choose, Enter takes, Escape closes; the focus stays in the field.
 *
 * @param name What the list is called for those who hear it.
 * @param suggest What may stand in a text at a character of it.
 */
public class CompletionPopup(
    private val field: JTextComponent,
    name: String,
    private val suggest: (String, Int) -> Suggestions,
) {
    private val list = JList<Suggestion>().apply {
        selectionMode = ListSelectionModel.SINGLE_SELECTION
        isFocusable = false
        cellRenderer = NamedListRenderer<Suggestion>({ it?.help }) { it?.text.orEmpty() }
        accessibleContext.accessibleName = name
    }
    private val scroll =
        JScrollPane(list, JScrollPane.VERTICAL_SCROLLBAR_AS_NEEDED, JScrollPane.HORIZONTAL_SCROLLBAR_NEVER)
    private val popup = JPopupMenu().apply {
        isFocusable = false
        add(scroll)
        showsLetters()
    }
    private var offered: Suggestions? = null
    private var isWriting = false

    init {
        field.document.addDocumentListener(Typing())
        field.addKeyListener(Keys())
        field.addFocusListener(object : FocusAdapter() {
            override fun focusLost(event: FocusEvent) = close()
        })
        list.addMouseListener(object : MouseAdapter() {
            override fun mouseClicked(event: MouseEvent) = take()
        })
    }

    /** What is offered now, the likeliest first; empty while nothing is. */
    public val items: List<Suggestion> get() = offered?.items.orEmpty()

    /** Offer what may stand at the caret. */
    public fun open() {
        val found = suggest(field.text, field.caretPosition).takeIf { it.items.isNotEmpty() }
        offered = found
        if (found == null) return popup.setVisible(false)
        list.setListData(found.items.toTypedArray())
        list.visibleRowCount = found.items.size.coerceAtMost(ROWS)
        list.selectedIndex = 0
        if (field.isShowing) show()
    }

    /** Offer nothing. */
    public fun close() {
        offered = null
        popup.isVisible = false
    }

    private fun show() {
        val place = field.modelToView2D(field.caretPosition)?.bounds ?: return
        val size = scroll.preferredSize
        scroll.preferredSize = Dimension(size.width.coerceAtMost(field.width.coerceAtLeast(scaled(WIDTH))), size.height)
        popup.show(field, place.x, place.y + place.height)
        scroll.preferredSize = null
    }

    private fun take() {
        val chosen = list.selectedValue ?: return
        val found = offered ?: return
        isWriting = true
        field.select(found.from, found.to)
        field.replaceSelection(chosen.text)
        isWriting = false
        if (chosen.goesOn) open() else close()
    }

    private fun move(by: Int) {
        val size = list.model.size
        list.selectedIndex = (list.selectedIndex + by + size) % size
        list.ensureIndexIsVisible(list.selectedIndex)
    }

    private inner class Keys : KeyAdapter() {
        override fun keyPressed(event: KeyEvent) {
            val isAsked = event.keyCode == KeyEvent.VK_SPACE && event.isControlDown
            when {
                isAsked -> open()
                offered == null -> return
                event.keyCode == KeyEvent.VK_DOWN -> move(1)
                event.keyCode == KeyEvent.VK_UP -> move(-1)
                event.keyCode == KeyEvent.VK_ENTER -> take()
                event.keyCode == KeyEvent.VK_ESCAPE -> close()
                else -> return
            }
            event.consume()
        }
    }

    private inner class Typing : DocumentListener {
        override fun insertUpdate(event: DocumentEvent) {
            if (!isWriting && event.length == 1 && field.hasFocus()) later()
        }

        override fun removeUpdate(event: DocumentEvent) {
            if (!isWriting && offered != null) later()
        }

        override fun changedUpdate(event: DocumentEvent): Unit = Unit

        /** The caret has not moved yet. */
        private fun later() = SwingUtilities.invokeLater { open() }
    }

    private companion object {
        const val ROWS = 8
        const val WIDTH = 320
    }
}
