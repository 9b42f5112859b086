package dev.tunesmith.core.wizard

import dev.tunesmith.core.Words
import dev.tunesmith.core.swing.scaled
import javax.swing.JComponent
import javax.swing.JPanel

/** How the model is tuned, each method beside what its run would need. */
internal class MethodPage(private val words: Words, send: (WizardEvent) -> Unit) : Page {
    private val methods = ListTable(
        words("wizard.method.title"),
        choiceColumns(words("wizard.method.name"), words),
        Choice::name,
    ) { send(WizardEvent.ChooseMethod(it.name)) }
    private val help = Prose()

    override val component: JComponent = Stack()
        .put(methods.component.apply { preferredSize = scaled(0, LIST) })
        .put(help)
        .put(JPanel().apply { isOpaque = false }, 1.0)
    override val first: JComponent get() = methods.table

    override fun show(state: WizardState) {
        val about = state.methods.associateBy { it.name }
        val choices = state.methodChoices().map { method ->
            val told = about[method]?.let { listOf(it.help, it.advice).filter(String::isNotBlank).joinToString("\n") }
            val estimate = state.estimateOf(state.chosenModel, method)
            Choice(method, method ?: words("wizard.template"), told ?: words("wizard.template.help"), estimate)
        }
        methods.show(choices, state.method)
        help.text = choiceWords(choices.firstOrNull { it.name == state.method }, words)
    }

    private companion object {
        const val LIST = 260
    }
}
