package dev.tunesmith.core.wizard

import dev.tunesmith.core.Words
import dev.tunesmith.core.panels.OnText
import javax.swing.ButtonGroup
import javax.swing.JButton
import javax.swing.JComponent
import javax.swing.JPanel
import javax.swing.JProgressBar
import javax.swing.JRadioButton
import javax.swing.JTextField

/**
 * Where to: folder and name, which Python, and a summary of all that was chosen.
 *
 * @param python The Python that the wizard works with.
 */
internal class PlacePage(
    private val words: Words,
    python: String,
    files: WizardFiles,
    private val send: (WizardEvent) -> Unit,
) : Page {
    private val folder = JTextField()
    private val name = JTextField()
    private val shared = JRadioButton(words("wizard.place.shared", python))
    private val own = JRadioButton(words("wizard.place.own"))
    private val summary = Prose()
    private val making = JProgressBar()
    private var isShowing = false

    override val component: JComponent
    override val first: JComponent get() = folder

    init {
        val browse = JButton(words("wizard.browse"))
        browse.accessibleContext.accessibleName = words("wizard.place.browse")
        ButtonGroup().apply {
            add(shared)
            add(own)
        }
        name.putClientProperty("JTextField.placeholderText", words("wizard.place.name.help"))
        name.toolTipText = words("wizard.place.name.help")
        making.isIndeterminate = true
        making.accessibleContext.accessibleName = words("wizard.place.making")
        component = Stack()
            .put(titled(words("wizard.place.folder"), Line().put(folder, 1.0).put(browse), folder))
            .put(titled(words("wizard.place.name"), name))
            .put(titled(words("wizard.place.python"), Stack().put(shared).put(own, above = 2), shared))
            .put(titled(words("wizard.place.summary"), summary))
            .put(making)
            .put(JPanel().apply { isOpaque = false }, 1.0)
        folder.accessibleContext.accessibleName = words("wizard.place.folder")
        name.accessibleContext.accessibleName = words("wizard.place.name")
        listOf(folder, name).forEach { it.document.addDocumentListener(OnText { tell() }) }
        shared.addActionListener { send(WizardEvent.ChooseEnvironment(ProjectEnvironment.SHARED)) }
        own.addActionListener { send(WizardEvent.ChooseEnvironment(ProjectEnvironment.OWN)) }
        browse.addActionListener { files.folder(folder.text)?.let { folder.text = it } }
    }

    private fun tell() {
        if (!isShowing) send(WizardEvent.ChoosePlace(folder.text, name.text))
    }

    override fun show(state: WizardState) {
        isShowing = true
        if (folder.text.trim() != state.folder) folder.text = state.folder
        if (name.text.trim() != state.name) name.text = state.name
        (if (state.environment == ProjectEnvironment.SHARED) shared else own).isSelected = true
        summary.text = summaryLines(state, words).joinToString("\n")
        making.isVisible = state.project is Loaded.Loading
        isShowing = false
    }
}

/** Everything that was chosen, a line each. */
internal fun summaryLines(state: WizardState, words: Words): List<String> = listOf(
    words("wizard.summary.data", state.data ?: words("wizard.data.example")),
    words("wizard.summary.task", state.chosenTask.orEmpty()),
) + state.roles.filterValues { it.isNotEmpty() && state.data != null }.map { (role, names) ->
    words("wizard.summary.role", role, names.joinToString(", "))
} + listOfNotNull(
    state.split?.takeIf { state.data != null }?.let { split ->
        words("wizard.summary.split", (listOf(split) + state.splitColumns.values).joinToString(", "))
    },
    words("wizard.summary.model", state.chosenModel ?: words("wizard.template")),
    words("wizard.summary.method", state.method ?: words("wizard.template")),
)
