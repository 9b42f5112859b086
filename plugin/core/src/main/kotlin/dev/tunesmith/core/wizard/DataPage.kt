package dev.tunesmith.core.wizard

import dev.tunesmith.core.Words
import dev.tunesmith.core.chart.countWords
import dev.tunesmith.core.panels.Column
import dev.tunesmith.core.panels.Look
import dev.tunesmith.core.panels.by
import dev.tunesmith.core.panels.byText
import dev.tunesmith.core.panels.shareWords
import dev.tunesmith.core.protocol.LabelCount
import dev.tunesmith.core.protocol.Preview
import java.awt.CardLayout
import java.awt.event.FocusAdapter
import java.awt.event.FocusEvent
import javax.swing.BorderFactory
import javax.swing.ButtonGroup
import javax.swing.JButton
import javax.swing.JComponent
import javax.swing.JPanel
import javax.swing.JRadioButton
import javax.swing.JTable
import javax.swing.JTextField

/** Which data: a file or folder of the user's with its columns, first rows and labels, or what the template brings. */
internal class DataPage(
    private val words: Words,
    private val files: WizardFiles,
    private val send: (WizardEvent) -> Unit,
) : Page {
    private val own = JRadioButton(words("wizard.data.own"))
    private val example = JRadioButton(words("wizard.data.example"))
    private val path = JTextField()
    private val browse = JButton(words("wizard.browse"))
    private val read = Prose()
    private val columns = ColumnsTable(words, send)
    private val labels = ListTable(words("wizard.labels.title"), labelColumns(words, 0), LabelCount::label)
    private val rows = ListTable<List<String>>(words("wizard.rows.title"), emptyList())
    private val cards = CardLayout()
    private val below = JPanel(cards)
    private val labelsTitled = titled(words("wizard.labels.title"), labels.component, labels.table)
    private var isShowing = false

    override val first: JComponent get() = if (own.isSelected) path else example

    override val component: JComponent

    init {
        ButtonGroup().apply {
            add(own)
            add(example)
        }
        path.accessibleContext.accessibleName = words("wizard.data.own")
        path.putClientProperty("JTextField.placeholderText", words("wizard.data.path"))
        browse.accessibleContext.accessibleName = words("wizard.data.browse")
        rows.table.autoResizeMode = JTable.AUTO_RESIZE_OFF
        val about = Line().put(titled(words("wizard.columns.title"), columns.component, columns.table), ABOUT)
        about.put(labelsTitled, LABELS)
        val seen = Stack().put(read).put(about, HALF)
        seen.put(titled(words("wizard.rows.title"), rows.component, rows.table), HALF)
        val brings = Prose().apply { text = words("wizard.data.example.help") }
        below.isOpaque = false
        below.add(seen, OWN)
        below.add(Stack().put(brings).put(JPanel().apply { isOpaque = false }, 1.0), EXAMPLE)
        component = Stack().put(own).put(Line().put(path, 1.0).put(browse), above = 2).put(example).put(below, 1.0)
        own.addActionListener {
            send(WizardEvent.ChooseData(path.text))
            path.requestFocusInWindow()
        }
        example.addActionListener { send(WizardEvent.ChooseData(null)) }
        path.addActionListener { commit() }
        path.addFocusListener(
            object : FocusAdapter() {
                override fun focusLost(event: FocusEvent) = commit()
            },
        )
        browse.addActionListener {
            files.data(path.text)?.let {
                path.text = it
                send(WizardEvent.ChooseData(it))
            }
        }
    }

    private var told: String? = null

    override fun commit() {
        if (!isShowing && own.isSelected && path.text.trim() != told) send(WizardEvent.ChooseData(path.text))
    }

    override fun show(state: WizardState) {
        isShowing = true
        val isAgain = state.data == told // the same data looked at again, such as for another role of a column
        told = state.data
        (if (state.data == null) example else own).isSelected = true
        path.isEnabled = state.data != null
        browse.isEnabled = state.data != null
        if (state.data != null && !path.isFocusOwner) path.text = state.data
        cards.show(below, if (state.data == null) EXAMPLE else OWN)
        if (state.preview !is Loaded.Loading || !isAgain) showPreview(state)
        columns.show(state)
        isShowing = false
    }

    private fun showPreview(state: WizardState) {
        val preview = state.preview.orNull
        read.text = readWords(preview)
        val counted = preview?.labels.orEmpty()
        labelsTitled.isVisible = counted.isNotEmpty()
        labels.show(labelColumns(words, counted.sumOf { it.rows }), counted)
        rows.show(rowColumns(preview), preview?.cells.orEmpty())
    }

    private fun readWords(preview: Preview?): String {
        if (preview == null) return ""
        val count = words(if (preview.complete) "wizard.data.all" else "wizard.data.some", countWords(preview.rows))
        return (listOf(count) + preview.problems.map { it.message + hint(it.hint) }).joinToString("\n")
    }

    private companion object {
        const val OWN = "own"
        const val EXAMPLE = "example"
        const val ABOUT = 0.65
        const val LABELS = 0.35
        const val HALF = 0.5
    }
}

internal fun hint(hint: String): String = if (hint.isBlank()) "" else " ($hint)"

private fun rowColumns(preview: Preview?): List<Column<List<String>>> =
    preview?.columns.orEmpty().mapIndexed { index, column ->
        fun cell(row: List<String>) = row.getOrElse(index) { "" }.replace('\n', ' ')
        val longest = preview?.cells.orEmpty().maxOfOrNull { cell(it).length } ?: 0
        Column(column.name, column.name, ::cell, byText(::cell), (longest * LETTER).coerceIn(NARROW, WIDE))
    }

private const val LETTER = 7
private const val NARROW = 90
private const val WIDE = 420

/** Each label with its rows, as a number, as a share, and as a bar. */
internal fun labelColumns(words: Words, all: Long): List<Column<LabelCount>> {
    fun share(count: LabelCount) = if (all > 0) count.rows.toDouble() / all else 0.0
    return listOf(
        Column("label", words("wizard.labels.label"), { it.label }, byText { it.label }, 120),
        Column("rows", words("wizard.labels.rows"), { countWords(it.rows) }, by { it.rows }, 60, true),
        Column(
            "share",
            words("wizard.labels.share"),
            { shareWords(share(it)) },
            by { share(it) },
            70,
            true,
            Look.PROGRESS,
            fraction = { share(it) },
        ),
    )
}
