package dev.tunesmith.core.setup

import dev.tunesmith.core.Words
import dev.tunesmith.core.environment.EnvironmentEnd
import dev.tunesmith.core.environment.EnvironmentState
import dev.tunesmith.core.swing.PrintedText
import dev.tunesmith.core.swing.ScaledBorder
import dev.tunesmith.core.swing.scaled
import dev.tunesmith.core.wizard.Line
import dev.tunesmith.core.wizard.Prose
import java.awt.BorderLayout
import java.awt.Dimension
import java.awt.GridBagConstraints.HORIZONTAL
import java.awt.GridBagConstraints.NONE
import javax.swing.JButton
import javax.swing.JPanel
import javax.swing.JProgressBar
import javax.swing.JScrollPane
import javax.swing.JTextArea
import javax.swing.JToggleButton

/** How far the making of an environment is: step, progress, Cancel, and the full log for those who want it. */
internal class MakingView(private val words: Words, cancel: () -> Unit) : JPanel(BorderLayout()) {
    private val said = Prose()
    private val progress = JProgressBar(0, WHOLE)
    private val stop = JButton(words("environment.cancel"))
    private val open = JToggleButton(words("environment.log"))
    val log: JTextArea = PrintedText()
    private val scroll = JScrollPane(log)
    private var shown: List<String> = emptyList()

    init {
        isOpaque = false
        log.isEditable = false
        log.accessibleContext.accessibleName = words("environment.log")
        progress.accessibleContext.accessibleName = words("environment.progress")
        progress.preferredSize = Dimension(scaled(BAR), progress.preferredSize.height)
        scroll.preferredSize = scaled(LOG_WIDTH, LOG_HEIGHT)
        scroll.isVisible = false
        stop.addActionListener { cancel() }
        open.addActionListener {
            scroll.isVisible = open.isSelected
            follow()
            revalidate()
        }
        val line = Line().put(said, 1.0, HORIZONTAL)
        for (part in listOf(progress, stop, open)) line.put(part, fill = NONE)
        line.border = ScaledBorder(0, 0, 8, 0)
        add(line, BorderLayout.NORTH)
        add(scroll, BorderLayout.CENTER)
    }

    fun show(state: EnvironmentState) {
        said.text = makingWords(state, words)
        val isGoing = state.end == null
        progress.isVisible = isGoing
        progress.value = (state.fraction * WHOLE).toInt()
        progress.isIndeterminate = isGoing && state.current == null
        stop.isVisible = isGoing
        if (state.end is EnvironmentEnd.Failed && !open.isSelected) open.doClick()
        if (state.log === shown) return
        val isMore = state.log.size >= shown.size && state.log.subList(0, shown.size) == shown
        val more = if (isMore) state.log.drop(shown.size) else state.log
        if (!isMore) log.text = ""
        more.forEach { log.append(it + "\n") }
        shown = state.log
        follow()
    }

    private fun follow() {
        log.caretPosition = log.document.length
    }

    private companion object {
        const val WHOLE = 1000
        const val BAR = 140
        const val LOG_WIDTH = 400
        const val LOG_HEIGHT = 160
    }
}
