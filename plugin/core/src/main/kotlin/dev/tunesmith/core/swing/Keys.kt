package dev.tunesmith.core.swing

import java.awt.event.ActionEvent
import javax.swing.AbstractAction
import javax.swing.JComponent
import javax.swing.KeyStroke

/**
 * Runs [run] where [keys] are typed, as Swing spells key strokes (`ctrl ENTER`): while this component has the focus or,
 * with [within], anything in it. The action has the keys for its name.
 */
internal fun JComponent.onKeys(keys: String, within: Boolean = false, run: () -> Unit) {
    val condition = if (within) JComponent.WHEN_ANCESTOR_OF_FOCUSED_COMPONENT else JComponent.WHEN_FOCUSED
    getInputMap(condition).put(KeyStroke.getKeyStroke(keys), keys)
    actionMap.put(
        keys,
        object : AbstractAction() {
            override fun actionPerformed(event: ActionEvent?) = run()
        },
    )
}
