package dev.tunesmith.core.wizard

import dev.tunesmith.core.Words
import dev.tunesmith.core.protocol.MemberInfo
import dev.tunesmith.core.protocol.OptionInfo
import dev.tunesmith.core.swing.NamedListRenderer
import javax.swing.JComboBox
import javax.swing.JComponent
import javax.swing.JPanel

/** How rows are divided into training and validation, and the column that this goes by where there is one. */
internal class SplitChoice(private val words: Words, private val send: (WizardEvent) -> Unit) {
    private val splits = JComboBox<MemberInfo?>()
    private val column = JComboBox<String?>()
    private val help = Prose()
    private var option: OptionInfo? = null
    private var isShowing = false

    val component: JPanel = titled(
        words("wizard.split.title"),
        Stack().put(Line().put(splits, 1.0).put(column, 1.0)).put(help, above = 2),
        splits,
    )

    init {
        splits.renderer = NamedListRenderer<MemberInfo>({ it?.help }) { it?.name ?: words("wizard.split.auto") }
        column.renderer = NamedListRenderer<String> { it ?: words("wizard.split.column") }
        name(splits, words("wizard.split.title"))
        name(column, words("wizard.split.column"))
        splits.addActionListener {
            if (!isShowing) send(WizardEvent.ChooseSplit((splits.selectedItem as? MemberInfo)?.name))
        }
        column.addActionListener {
            val chosen = column.selectedItem as? String
            val named = option
            if (!isShowing && chosen != null && named != null) {
                send(WizardEvent.ChooseSplitColumn(named.name, chosen))
            }
        }
    }

    fun show(state: WizardState) {
        isShowing = true
        component.isVisible = state.data != null && state.splits.isNotEmpty()
        val chosen = state.splits.firstOrNull { it.name == state.split }
        splits.offer(state.splits, chosen)
        option = state.splitOptions.firstOrNull()
        column.isVisible = option != null
        column.toolTipText = option?.help
        val columns = state.preview.orNull?.columns.orEmpty().map { it.name }
        column.offer(columns, option?.let { state.splitColumns[it.name] })
        val about = if (chosen == null) listOf(words("wizard.split.auto.help")) else listOf(chosen.help, chosen.advice)
        help.text = (about + listOfNotNull(option?.help)).filter { it.isNotBlank() }.joinToString("\n")
        isShowing = false
    }

    private fun name(component: JComponent, name: String) {
        component.accessibleContext.accessibleName = name
    }
}

/** Shows [entries] below an empty one, with [chosen] chosen. */
private fun <T> JComboBox<T?>.offer(entries: List<T>, chosen: T?) {
    val wanted = listOf(null) + entries
    if (wanted != (0 until itemCount).map { getItemAt(it) }) {
        removeAllItems()
        wanted.forEach { addItem(it) }
    }
    selectedItem = chosen
}
