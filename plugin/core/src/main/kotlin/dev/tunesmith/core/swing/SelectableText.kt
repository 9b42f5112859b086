package dev.tunesmith.core.swing

import java.awt.Font
import javax.swing.JTextArea
import javax.swing.UIManager
import javax.swing.text.DefaultCaret
import javax.swing.text.JTextComponent

/** Text over several lines in the colours of a label, which can be selected and copied. */
internal class SelectableText(
    private val above: Int = 0,
    private val beside: Int = 0,
    private val isBold: Boolean = false,
) : JTextArea() {
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
        border = ScaledBorder(above, beside, above, beside)
        staysInPlace()
    }
}

/** From now on no change of this text, which nobody types into, scrolls to it whatever it is part of. */
internal fun JTextComponent.staysInPlace() {
    (caret as? DefaultCaret)?.updatePolicy = DefaultCaret.NEVER_UPDATE
}
