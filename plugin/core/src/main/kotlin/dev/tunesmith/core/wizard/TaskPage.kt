package dev.tunesmith.core.wizard

import dev.tunesmith.core.Words
import dev.tunesmith.core.panels.Column
import dev.tunesmith.core.panels.byText
import dev.tunesmith.core.protocol.MemberInfo
import javax.swing.JComponent

/**
 * What the model is to learn, with help; and, for the user's own data, which column is what for it and how rows are
 * divided.
 */
internal class TaskPage(private val words: Words, send: (WizardEvent) -> Unit) : Page {
    private val tasks = ListTable(words("wizard.task.title"), taskColumns(words), MemberInfo::name) {
        send(WizardEvent.ChooseTask(it.name))
    }
    private val help = Prose()
    private val columns = ColumnsTable(words, send)
    private val columnsTitled = titled(words("wizard.columns.title"), columns.component, columns.table)

    private val split = SplitChoice(words, send)

    override val component: JComponent =
        Stack().put(tasks.component, HALF).put(help).put(columnsTitled, HALF).put(split.component)
    override val first: JComponent get() = tasks.table

    override fun show(state: WizardState) {
        tasks.empty = words(if (state.catalog is Loaded.Loading) "wizard.loading" else "wizard.nothing")
        tasks.show(state.tasks, state.chosenTask)
        val chosen = state.taskInfo
        val reads = chosen?.columns.orEmpty().map { words("wizard.task.role", it.role, it.help) }
        help.text = (listOfNotNull(chosen?.help, chosen?.advice) + reads).filter { it.isNotBlank() }.joinToString("\n")
        columnsTitled.isVisible = state.data != null
        columns.show(state)
        split.show(state)
    }

    private companion object {
        const val HALF = 0.5
    }
}

private fun taskColumns(words: Words): List<Column<MemberInfo>> = listOf(
    Column("name", words("wizard.task.name"), { it.name }, byText { it.name }, 160),
    Column("help", words("wizard.task.help"), { it.help }, byText { it.help }, 520),
)
