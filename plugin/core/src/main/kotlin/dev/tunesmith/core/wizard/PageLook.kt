package dev.tunesmith.core.wizard

import dev.tunesmith.core.swing.BoldLabel
import dev.tunesmith.core.swing.ScaledBorder
import dev.tunesmith.core.swing.scaled
import java.awt.BorderLayout
import java.awt.Component
import java.awt.Dimension
import java.awt.EventQueue
import java.awt.GridBagConstraints
import java.awt.GridBagLayout
import java.awt.Insets
import javax.swing.JComponent
import javax.swing.JLabel
import javax.swing.JPanel
import javax.swing.JTextArea
import javax.swing.UIManager

/** Between two things, as large as the user has everything. Unit: pixel. */
internal val GAP: Int get() = scaled(8)

/** A page of the wizard: draws the state, tells what the user does. */
internal interface Page {
    val component: JComponent

    /** What has the focus when the page comes. */
    val first: JComponent

    fun show(state: WizardState)

    /** Tells what was typed but not told yet. */
    fun commit() = Unit
}

/** Text over as many lines as its width asks for, to be read only. */
internal class Prose : JTextArea() {
    init {
        isEditable = false
        isOpaque = false
        isFocusable = false
        lineWrap = true
        wrapStyleWord = true
    }

    override fun updateUI() {
        super.updateUI()
        border = null
        font = UIManager.getFont("Label.font") ?: font
    }

    /** Narrow, so that a long line asks for no room beside others; how high depends on the width that it got. */
    override fun getPreferredSize(): Dimension =
        super.getPreferredSize().let { Dimension(minOf(it.width, scaled(NARROW)), it.height) }

    override fun getMinimumSize(): Dimension = preferredSize

    override fun setBounds(x: Int, y: Int, width: Int, height: Int) {
        val isWider = width != this.width
        super.setBounds(x, y, width, height)
        if (isWider) EventQueue.invokeLater { revalidate() } // its height is another now
    }

    private companion object {
        const val NARROW = 120
    }
}

internal fun heading(text: String): JLabel = BoldLabel(text, HEADING)

private const val HEADING = 1.25f

internal fun title(text: String, labelFor: Component? = null): JLabel = BoldLabel(text).apply {
    this.labelFor = labelFor
    border = ScaledBorder(0, 0, 4, 0)
}

/** [component] under its title. */
internal fun titled(text: String, component: JComponent, labelFor: Component = component): JPanel =
    JPanel(BorderLayout()).apply {
        isOpaque = false
        add(title(text, labelFor), BorderLayout.NORTH)
        add(component, BorderLayout.CENTER)
    }

/** Components below each other, each as wide as the column; those with a weight share the height that is left. */
internal class Stack : JPanel(GridBagLayout()) {
    private var rows = 0

    init {
        isOpaque = false
    }

    fun put(component: Component, weight: Double = 0.0, above: Int = GAP): Stack = apply {
        add(component, at(weight, above))
        rows++
    }

    private fun at(weight: Double, above: Int) = GridBagConstraints().apply {
        gridx = 0
        gridy = rows
        weightx = 1.0
        weighty = weight
        fill = GridBagConstraints.BOTH
        insets = Insets(if (rows == 0) 0 else above, 0, 0, 0)
    }
}

/** Components beside each other; those with a weight share the width that is left. */
internal class Line : JPanel(GridBagLayout()) {
    private var columns = 0

    init {
        isOpaque = false
    }

    fun put(component: Component, weight: Double = 0.0, fill: Int = GridBagConstraints.BOTH): Line = apply {
        add(component, at(weight, fill))
        columns++
    }

    private fun at(weight: Double, fill: Int) = GridBagConstraints().apply {
        gridx = columns
        gridy = 0
        weightx = weight
        weighty = 1.0
        this.fill = fill
        insets = Insets(0, if (columns == 0) 0 else GAP, 0, 0)
    }
}
