package dev.tunesmith.core.window

import dev.tunesmith.core.Words
import dev.tunesmith.core.client.phrase
import dev.tunesmith.core.runs.RunsState
import dev.tunesmith.core.swing.ScaledBorder
import dev.tunesmith.core.swing.SelectableText
import dev.tunesmith.core.swing.scaled
import java.awt.BorderLayout
import java.awt.FlowLayout
import javax.swing.Box
import javax.swing.JButton
import javax.swing.JPanel
import javax.swing.JScrollPane
import javax.swing.JTextArea

/**
 * Says that a server is being started, or why there is none, with the last lines of its log.
 *
 * @param retry The user wants a server now.
 * @param settings The user wants to choose another interpreter.
 */
public class ConnectionPanel(private val words: Words, retry: () -> Unit, settings: () -> Unit) :
    JPanel(BorderLayout(0, scaled(GAP))) {
    private val said = SelectableText()
    private val log = JTextArea().apply {
        isEditable = false
        accessibleContext.accessibleName = words("lost.log")
    }
    private val scroll = JScrollPane(log)
    private val again = JButton(words("lost.again")).apply { addActionListener { retry() } }
    private val change = JButton(words("lost.settings")).apply { addActionListener { settings() } }
    private val buttons = JPanel(FlowLayout(FlowLayout.LEADING, 0, 0)).apply {
        add(again)
        add(Box.createHorizontalStrut(scaled(GAP)))
        add(change)
    }

    init {
        border = ScaledBorder(2 * GAP)
        add(
            JPanel(BorderLayout(0, scaled(GAP))).apply {
                add(said, BorderLayout.NORTH)
                add(buttons, BorderLayout.CENTER)
            },
            BorderLayout.NORTH,
        )
        add(scroll, BorderLayout.CENTER)
        show(RunsState.Connecting)
    }

    /** [state] is anything but live. */
    public fun show(state: RunsState) {
        val lost = state as? RunsState.Lost
        val why = lost?.let { phrase(it.hint, it.log) }
        val retry = lost?.retryIn?.let { words("lost.retry", maxOf(1, it.inWholeSeconds)) }
        said.text = listOfNotNull(why?.let(words::invoke) ?: words("window.connecting"), retry).joinToString("\n")
        log.text = lost?.log.orEmpty().joinToString("\n")
        scroll.isVisible = log.text.isNotEmpty()
        again.isVisible = lost != null
        change.isVisible = lost != null
    }

    private companion object {
        const val GAP = 8
    }
}
