package dev.tunesmith.core.panels

import dev.tunesmith.core.look.Room
import java.awt.Font
import javax.swing.JTextArea
import javax.swing.UIManager
import javax.swing.text.DefaultCaret
import javax.swing.text.JTextComponent

/** Words to read, in the colours of a label and over several lines, that can be chosen and copied. */
internal class SaidText(private val above: Int = 0, private val beside: Int = 0, private val isBold: Boolean = false) :
    JTextArea() {
    init {
        isEditable = false
        isOpaque = false
        lineWrap = true
        wrapStyleWord = true
        dress()
    }

    /** The first call comes from the area's own constructor: then [dress] is called again. */
    override fun updateUI() {
        super.updateUI()
        dress()
    }

    private fun dress() {
        UIManager.getFont("Label.font")?.let { font = if (isBold) it.deriveFont(Font.BOLD) else it }
        UIManager.getColor("Label.foreground")?.let { foreground = it }
        border = Room(above, beside, above, beside)
        staysInPlace()
    }
}

/** From now on no change of this text, which nobody types into, scrolls to it whatever it is part of. */
internal fun JTextComponent.staysInPlace() {
    (caret as? DefaultCaret)?.updatePolicy = DefaultCaret.NEVER_UPDATE
}
