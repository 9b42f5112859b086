package dev.tunesmith.core.wizard

import dev.tunesmith.core.Words
import dev.tunesmith.core.swing.scaled
import java.awt.event.FocusAdapter
import java.awt.event.FocusEvent
import javax.swing.JButton
import javax.swing.JComponent
import javax.swing.JPanel
import javax.swing.JTextField

/** Which model to begin with, each beside what its run would need. */
internal class ModelPage(private val words: Words, private val send: (WizardEvent) -> Unit) : Page {
    private val models = ListTable(
        words("wizard.model.title"),
        choiceColumns(words("wizard.model.name"), words),
        Choice::name,
    ) { send(WizardEvent.ChooseModel(it.name)) }
    private val help = Prose()
    private val other = JTextField()
    private val use = JButton(words("wizard.model.use"))
    private var told = ""

    override val component: JComponent
    override val first: JComponent get() = models.table

    init {
        val line = Line().put(other, 1.0).put(use)
        other.accessibleContext.accessibleName = words("wizard.model.other")
        other.toolTipText = words("wizard.model.other.help")
        other.putClientProperty("JTextField.placeholderText", words("wizard.model.other.help"))
        use.accessibleContext.accessibleName = words("wizard.model.use.this")
        val list = Stack().put(models.component.apply { preferredSize = scaled(0, LIST) })
        list.put(titled(words("wizard.model.other"), line, other)).put(help)
        component = list.put(JPanel().apply { isOpaque = false }, 1.0)
        other.addActionListener { commit() }
        use.addActionListener { commit() }
        other.addFocusListener(
            object : FocusAdapter() {
                override fun focusLost(event: FocusEvent) = commit()
            },
        )
    }

    override fun commit() {
        val typed = other.text.trim()
        if (typed.isEmpty() || typed == told) return
        told = typed
        send(WizardEvent.ChooseModel(typed))
    }

    override fun show(state: WizardState) {
        val choices = state.modelChoices().map { model ->
            Choice(model, model ?: words("wizard.template"), help(state, model), state.estimateOf(model, state.method))
        }
        models.show(choices, state.chosenModel)
        help.text = choiceWords(choices.firstOrNull { it.name == state.chosenModel }, words)
    }

    /** What the catalog says of where the model comes from. */
    private fun help(state: WizardState, model: String?): String {
        val source = when (model) {
            null -> return words("wizard.template.help")
            MINILM -> BUNDLED
            SCRATCH -> SCRATCH
            else -> if (':' in model) PYTHON else TRANSFORMERS
        }
        val found = state.catalog.orNull?.models?.firstOrNull { it.name == source }
        return listOfNotNull(found?.help, found?.advice).filter { it.isNotBlank() }.joinToString("\n")
    }

    private companion object {
        const val LIST = 190
        const val MINILM = "all-MiniLM-L6-v2"
        const val BUNDLED = "bundled"
        const val PYTHON = "python"
        const val TRANSFORMERS = "transformers"
    }
}
