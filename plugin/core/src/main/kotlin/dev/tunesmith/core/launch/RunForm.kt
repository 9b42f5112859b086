package dev.tunesmith.core.launch

import dev.tunesmith.core.job.JobKeys
import dev.tunesmith.core.swing.NamedListRenderer
import dev.tunesmith.core.swing.scaled
import dev.tunesmith.core.swing.showsLetters
import java.awt.GridBagConstraints
import java.awt.GridBagLayout
import java.awt.Insets
import java.awt.KeyboardFocusManager
import javax.swing.JComboBox
import javax.swing.JComponent
import javax.swing.JLabel
import javax.swing.JPanel
import javax.swing.JScrollPane
import javax.swing.JTextArea
import javax.swing.JTextField
import javax.swing.event.DocumentEvent
import javax.swing.event.DocumentListener
import javax.swing.text.JTextComponent

/**
 * The form of a run configuration.
 *
 * @param job The field of the job's path; [jobRow] is what stands in the form for it, such as with a button to browse.
 * @param words The text for a key `form.…`.
 * @param keys What a run may change about its job; null while that is not known.
 * @param changed Called at each change that the user makes.
 */
public class RunForm(
    private val job: JTextField,
    jobRow: JComponent,
    private val words: (String) -> String,
    private val keys: () -> JobKeys?,
    private val changed: () -> Unit,
) : JPanel(GridBagLayout()) {
    private val name = JTextField()
    private val from = JComboBox(StartFrom.entries.toTypedArray())
    private val run = JTextField()
    private val step = JTextField()
    private val device = JComboBox(arrayOf("", "auto", "cpu", "cuda", "mps")).apply { isEditable = true }
    private val overrides = JTextArea(ROWS, 0)
    private val environment = JTextArea(ROWS, 0)
    private val breakOn = JTextArea(ROWS, 0)
    private var rows = 0

    /** What may be written among the overrides. */
    public val completion: CompletionPopup =
        CompletionPopup(overrides, words("form.overrides.completion")) { text, at ->
            keys()?.let { OverrideCompletion(it).at(text, at) } ?: Suggestions(at, at, emptyList())
        }

    init {
        row("form.job", job, jobRow)
        row("form.name", name)
        row("form.device", device)
        row("form.from", from)
        row("form.run", run)
        row("form.step", step)
        row("form.overrides", overrides, JScrollPane(overrides))
        row("form.environment", environment, JScrollPane(environment))
        row("form.break-on", breakOn, JScrollPane(breakOn))
        fill()
        listOf(overrides, environment).forEach(::leaveWithTab)
        from.renderer = NamedListRenderer<StartFrom> { words("form.from.$it") }
        from.addActionListener { offerRun() }
        val device = device.editor.editorComponent as JTextComponent
        listOf(job, name, run, step, device, overrides, environment, breakOn).forEach {
            it.document.addDocumentListener(Changes())
        }
        offerRun()
        showsLetters()
    }

    /** What the form says. */
    public var settings: RunSettings
        get() = RunSettings(
            job = job.text.trim(),
            name = name.text.trim(),
            overrides = overrides.text,
            device = (device.editor.item as? String).orEmpty().trim(),
            from = from.selectedItem as StartFrom,
            run = run.text.trim(),
            step = step.text.trim(),
            environment = environment.text,
            breakOn = breakOn.text,
        )
        set(value) {
            job.text = value.job
            name.text = value.name
            overrides.text = value.overrides
            device.selectedItem = value.device
            from.selectedItem = value.from
            run.text = value.run
            step.text = value.step
            environment.text = value.environment
            breakOn.text = value.breakOn
        }

    private fun offerRun() {
        val chosen = from.selectedItem == StartFrom.RUN
        run.isEnabled = chosen
        step.isEnabled = chosen
        changed()
    }

    /** Tab leads to the next field, as in all other fields. */
    private fun leaveWithTab(area: JTextArea) {
        area.setFocusTraversalKeys(KeyboardFocusManager.FORWARD_TRAVERSAL_KEYS, null)
        area.setFocusTraversalKeys(KeyboardFocusManager.BACKWARD_TRAVERSAL_KEYS, null)
    }

    private fun row(key: String, field: JComponent, shown: JComponent = field) {
        val label = JLabel(words(key))
        label.labelFor = field
        field.accessibleContext.accessibleName = words(key)
        field.toolTipText = words("$key.help")
        add(label, labelAt(shown))
        add(shown, at(1, GridBagConstraints.HORIZONTAL, weight = 1.0))
        rows++
    }

    /** Beside the first line: what scrolls has no base line of its own. */
    private fun labelAt(shown: JComponent) = at(0, GridBagConstraints.NONE, weight = 0.0).apply {
        if (shown is JScrollPane) {
            anchor = GridBagConstraints.FIRST_LINE_START
            insets.top += scaled(GAP)
        }
    }

    private fun at(column: Int, fill: Int, weight: Double) = GridBagConstraints().apply {
        gridx = column
        gridy = rows
        weightx = weight
        this.fill = fill
        anchor = GridBagConstraints.BASELINE_LEADING
        insets = Insets(scaled(GAP), if (column == 0) 0 else scaled(GAP * 2), scaled(GAP), 0)
    }

    /** Keeps the rows at the top of a taller window. */
    private fun fill() {
        add(JPanel(), at(0, GridBagConstraints.BOTH, weight = 0.0).apply { weighty = 1.0 })
    }

    private inner class Changes : DocumentListener {
        override fun insertUpdate(event: DocumentEvent) = changed()

        override fun removeUpdate(event: DocumentEvent) = changed()

        override fun changedUpdate(event: DocumentEvent) = changed()
    }

    private companion object {
        const val ROWS = 3
        const val GAP = 4
    }
}
