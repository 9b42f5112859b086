package dev.tunesmith.core.launch

import dev.tunesmith.core.client.PluginSettings
import dev.tunesmith.core.swing.scaled
import dev.tunesmith.core.swing.showsLetters
import java.awt.BorderLayout
import java.awt.FlowLayout
import java.awt.GridBagConstraints
import java.awt.GridBagLayout
import java.awt.Insets
import javax.swing.JButton
import javax.swing.JComponent
import javax.swing.JLabel
import javax.swing.JPanel
import javax.swing.JSpinner
import javax.swing.JTextField
import javax.swing.SpinnerNumberModel

/**
 * The settings of a project.
 *
 * @param interpreter The field of the interpreter's path; [interpreterRow] is what stands in the form for it.
 * @param folder The field of the folder where runs live; [folderRow] is what stands in the form for it.
 * @param words The text for a key `settings.…`.
 * @param trust The user says that the project is to be trusted, which takes effect at once.
 */
public class SettingsForm(
    private val interpreter: JTextField,
    interpreterRow: JComponent,
    private val folder: JTextField,
    folderRow: JComponent,
    private val words: (String) -> String,
    trust: () -> Unit,
) : JPanel(GridBagLayout()) {
    private val parallel = JSpinner(SpinnerNumberModel(0, 0, MOST_PARALLEL, 1))
    private val updates = JSpinner(SpinnerNumberModel(1, 1, MOST_UPDATES, 1))
    private val trusted = JLabel()
    private val trustIt = JButton(words("settings.trust.give")).apply { addActionListener { trust() } }
    private var rows = 0

    /** Whether the user trusts the project; only then is any of its code imported. */
    public var isTrusted: Boolean = false
        set(value) {
            field = value
            trusted.text = words(if (value) "settings.trust.yes" else "settings.trust.no")
            trusted.accessibleContext.accessibleDescription = trusted.text
            trustIt.isVisible = !value
        }

    init {
        row("settings.interpreter", interpreter, interpreterRow)
        row("settings.folder", folder, folderRow)
        row("settings.parallel", parallel)
        row("settings.updates", updates)
        row("settings.trust", trusted, trustRow())
        isTrusted = false
        add(
            JPanel(),
            GridBagConstraints().apply {
                gridy = rows
                weighty = 1.0
            },
        )
        showsLetters()
    }

    /** What the form says. */
    public var settings: PluginSettings
        get() = PluginSettings(
            interpreter.text.trim(),
            parallel.value as Int,
            updates.value as Int,
            folder.text.trim(),
        )
        set(value) {
            interpreter.text = value.interpreter
            parallel.value = value.parallel
            updates.value = value.updatesPerSecond
            folder.text = value.folder
        }

    /** The words, and below them the button: side by side they need more room than there may be. */
    private fun trustRow() = JPanel(BorderLayout(0, scaled(GAP))).apply {
        add(trusted, BorderLayout.NORTH)
        add(JPanel(FlowLayout(FlowLayout.LEADING, 0, 0)).apply { add(trustIt) }, BorderLayout.CENTER)
    }

    private fun row(key: String, field: JComponent, shown: JComponent = field) {
        val label = JLabel(words(key))
        label.labelFor = field
        field.accessibleContext.accessibleName = words(key)
        field.toolTipText = words("$key.help")
        add(label, at(0))
        add(shown, at(1))
        rows++
    }

    private fun at(column: Int) = GridBagConstraints().apply {
        gridx = column
        gridy = rows
        weightx = column.toDouble()
        fill = if (column == 1) GridBagConstraints.HORIZONTAL else GridBagConstraints.NONE
        anchor = GridBagConstraints.LINE_START
        insets = Insets(scaled(GAP), if (column == 0) 0 else scaled(GAP * 2), scaled(GAP), 0)
    }

    private companion object {
        const val MOST_PARALLEL = 64
        const val MOST_UPDATES = 10
        const val GAP = 4
    }
}
