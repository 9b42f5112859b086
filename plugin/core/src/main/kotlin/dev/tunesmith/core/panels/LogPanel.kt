package dev.tunesmith.core.panels

import dev.tunesmith.core.Words
import dev.tunesmith.core.chart.themeOf
import dev.tunesmith.core.swing.PrintedText
import dev.tunesmith.core.swing.ScaledBorder
import dev.tunesmith.core.swing.onKeys
import dev.tunesmith.core.swing.scaled
import java.awt.BorderLayout
import java.awt.Color
import java.awt.FlowLayout
import java.awt.event.MouseAdapter
import java.awt.event.MouseEvent
import javax.swing.BorderFactory
import javax.swing.JButton
import javax.swing.JLabel
import javax.swing.JPanel
import javax.swing.JScrollPane
import javax.swing.JTextArea
import javax.swing.JTextField
import javax.swing.text.DefaultHighlighter

/** What a run's worker prints, with search. It follows the end as long as the end is in sight. */
public class LogPanel(private val words: Words, private val intent: (Intent) -> Unit) : JPanel(BorderLayout()) {
    internal val area: JTextArea = PrintedText()
    internal val search: JTextField = JTextField(24)
    internal val found: JLabel = JLabel()
    private val scroll = JScrollPane(area)
    private var log = LogText()
    private var matches: List<Match> = emptyList()
    private var at = -1

    init {
        area.isEditable = false
        area.border = ScaledBorder(6, 10, 6, 10)
        area.accessibleContext.accessibleName = words("log.title")
        search.accessibleContext.accessibleName = words("log.search")
        search.toolTipText = words("log.search")
        search.putClientProperty("JTextField.placeholderText", words("log.search"))
        val buttons = JPanel(FlowLayout(FlowLayout.LEADING, scaled(6), 0))
        buttons.add(button("▴", "log.previous") { go(-1) })
        buttons.add(button("▾", "log.next") { go(1) })
        buttons.add(found)
        val bar = JPanel(BorderLayout())
        bar.border = ScaledBorder(4, 8, 4, 2)
        bar.add(search, BorderLayout.CENTER)
        bar.add(buttons, BorderLayout.LINE_END)
        add(bar, BorderLayout.NORTH)
        scroll.border = BorderFactory.createEmptyBorder()
        add(scroll, BorderLayout.CENTER)
        search.document.addDocumentListener(OnText { searched() })
        search.onKeys("ENTER") { go(1) }
        search.onKeys("shift ENTER") { go(-1) }
        area.onKeys("F3") { go(1) }
        area.onKeys("shift F3") { go(-1) }
        area.onKeys("ENTER") { open(area.caretPosition) }
        onKeys("ctrl F", within = true) { search.requestFocusInWindow() }
        area.addMouseListener(
            object : MouseAdapter() {
                override fun mouseClicked(event: MouseEvent) {
                    if (event.clickCount == 2 || event.isControlDown) open(area.viewToModel2D(event.point))
                }
            },
        )
    }

    private fun button(sign: String, key: String, run: () -> Unit): JButton = JButton(sign).apply {
        toolTipText = words(key)
        accessibleContext.accessibleName = words(key)
        addActionListener { run() }
    }

    /** Shows another run's log. */
    public fun show(text: String) {
        log = LogText()
        area.text = ""
        append(text)
    }

    public fun append(text: String) {
        show(log.appended(text))
    }

    /** Shows [next]; what is shown already stays as it is, with its place and its matches. */
    internal fun show(next: LogText) {
        val before = log
        if (next === before) return
        log = next
        val isAtEnd = scroll.verticalScrollBar.let {
            it.value + it.visibleAmount >=
                it.maximum - area.getFontMetrics(area.font).height
        }
        if (log.text.length > before.text.length &&
            log.text.startsWith(before.text)
        ) {
            area.append(log.text.substring(before.text.length))
        } else {
            area.text =
                log.text
        }
        if (isAtEnd) area.caretPosition = area.document.length
        if (search.text.isNotEmpty()) mark()
    }

    private fun searched() {
        at = -1
        mark()
        if (matches.isNotEmpty()) go(1)
    }

    private fun mark() {
        matches = log.find(search.text)
        area.highlighter.removeAllHighlights()
        val theme = themeOf(area)
        val paint = DefaultHighlighter.DefaultHighlightPainter(
            Color(theme.curves[3].red, theme.curves[3].green, theme.curves[3].blue, 110),
        )
        for (match in matches.take(MARKED_MOST)) area.highlighter.addHighlight(match.from, match.to, paint)
        foundWords()
    }

    private fun foundWords() {
        found.text = when {
            search.text.isEmpty() -> ""
            matches.isEmpty() -> words("log.none")
            else -> words("log.some", at + 1, matches.size)
        }
    }

    private fun go(by: Int) {
        if (matches.isEmpty()) return
        at = if (at < 0 && by < 0) matches.size - 1 else Math.floorMod(at + by, matches.size)
        area.select(matches[at].from, matches[at].to)
        area.caret.isSelectionVisible = true
        foundWords()
    }

    internal fun open(index: Int) {
        log.linkAt(index)?.let { intent(Intent.OpenPlace(it.file, it.line)) }
    }

    private companion object {
        const val MARKED_MOST = 2000
    }
}
