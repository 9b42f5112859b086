package dev.tunesmith.core.panels

import javax.swing.BorderFactory
import javax.swing.JTextArea
import javax.swing.UIManager

/** Words to read, in the colours of a label and over several lines, that can be chosen and copied. */
internal class SaidText : JTextArea() {
    init {
        isEditable = false
        isOpaque = false
        lineWrap = true
        wrapStyleWord = true
        dress()
    }

    override fun updateUI() {
        super.updateUI()
        dress()
    }

    private fun dress() {
        UIManager.getFont("Label.font")?.let { font = it }
        UIManager.getColor("Label.foreground")?.let { foreground = it }
        border = BorderFactory.createEmptyBorder()
    }
}
