package dev.tunesmith.core.swing

import java.awt.Font
import javax.swing.JLabel
import javax.swing.JTextArea
import javax.swing.UIManager

/** Bold words, [times] as large as those of other labels, whatever the user makes of the font. */
internal class BoldLabel(text: String = "", private val times: Float = 1f) : JLabel(text) {
    init {
        dress()
    }

    /** The first call comes from the label's own constructor: then [dress] is called again. */
    override fun updateUI() {
        super.updateUI()
        dress()
    }

    private fun dress() {
        UIManager.getFont("Label.font")?.let { font = it.deriveFont(Font.BOLD, it.size2D * times) }
    }
}

/** What a program printed, each sign as wide as the others. */
internal class PrintedText : JTextArea() {
    override fun updateUI() {
        super.updateUI()
        font = Font(Font.MONOSPACED, Font.PLAIN, scaled(SIZE))
    }

    private companion object {
        const val SIZE = 12
    }
}
