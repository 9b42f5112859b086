package dev.tunesmith.core.panels

import dev.tunesmith.core.chart.ChartTheme
import dev.tunesmith.core.chart.themeOf
import dev.tunesmith.core.protocol.MarkedText
import dev.tunesmith.core.protocol.Span
import dev.tunesmith.core.swing.staysInPlace
import java.awt.Color
import javax.swing.JTextPane
import javax.swing.UIManager
import javax.swing.text.MutableAttributeSet
import javax.swing.text.SimpleAttributeSet
import javax.swing.text.StyleConstants

/** A piece of a marked text: words, and the span that they are of; null for what is between spans. */
internal data class MarkedPiece(val text: String, val span: Span?)

/** The pieces of a text in their order. Of spans that lie over each other, the first has the letters. */
internal fun piecesOf(marked: MarkedText): List<MarkedPiece> {
    val text = marked.text
    val letters = text.codePointCount(0, text.length)
    fun place(letter: Long) = text.offsetByCodePoints(0, letter.coerceIn(0, letters.toLong()).toInt())
    val found = ArrayList<MarkedPiece>()
    var at = 0
    for (span in marked.spans.sortedWith(compareBy({ it.start }, { it.end }))) {
        val (from, to) = maxOf(at, place(span.start)) to place(span.end)
        if (to <= from) continue
        if (from > at) found += MarkedPiece(text.substring(at, from), null)
        found += MarkedPiece(text.substring(from, to), span)
        at = to
    }
    if (at < text.length) found += MarkedPiece(text.substring(at), null)
    return found
}

/** The pieces up to about [most] characters, with a sign where something is left out. */
internal fun List<MarkedPiece>.upTo(most: Int): List<MarkedPiece> {
    var left = most
    val found = ArrayList<MarkedPiece>()
    for (piece in this) {
        if (piece.text.length > left) {
            if (piece.span == null) found += MarkedPiece(beginning(piece.text, left), null)
            found += MarkedPiece("…", null)
            break
        }
        found += piece
        left -= piece.text.length
    }
    return found
}

/** At most [most] characters, up to the end of a word where one is near. */
private fun beginning(text: String, most: Int): String {
    val whole = if (most > 0 && text[most - 1].isHighSurrogate()) most - 1 else most
    val end = text.lastIndexOf(' ', whole).takeIf { it > whole - WORD } ?: whole
    return text.substring(0, maxOf(0, end))
}

/** What stands behind a span: what it is, and, where that is known, a sign for right or wrong. */
internal fun tagOf(span: Span): String = listOf(
    span.label,
    when (span.right) {
        true -> "✓"
        false -> "✗"
        null -> ""
    },
).filter { it.isNotEmpty() }.joinToString(" ")

/** A text with marks below a small heading; it breaks its lines, and can be chosen and copied. */
internal class MarkedPane(private val heading: String) : JTextPane() {
    private var pieces: List<MarkedPiece> = emptyList()
    private var isBuilt = false

    init {
        isEditable = false
        isOpaque = false
        getAccessibleContext().accessibleName = heading
        isBuilt = true
        dress()
    }

    fun show(pieces: List<MarkedPiece>) {
        this.pieces = pieces
        write()
    }

    /** The first call comes from the pane's own constructor: then [dress] is called again. */
    override fun updateUI() {
        super.updateUI()
        if (isBuilt) dress()
    }

    private fun dress() {
        putClientProperty(HONOR_DISPLAY_PROPERTIES, true)
        UIManager.getFont("Label.font")?.let { font = it }
        UIManager.getColor("Label.foreground")?.let { foreground = it }
        border = null
        staysInPlace()
        write()
    }

    private fun write() {
        val theme = UIManager.getColor("Panel.background")?.let(::themeOf) ?: ChartTheme.LIGHT
        text = ""
        if (heading.isNotEmpty()) add(heading + "\n", small(theme.quiet))
        if (pieces.isEmpty()) add(NOTHING, SimpleAttributeSet())
        for (piece in pieces) {
            if (piece.span == null) add(piece.text, SimpleAttributeSet()) else add(piece.text, piece.span, theme)
        }
    }

    private fun add(text: String, span: Span, theme: ChartTheme) {
        val color = when (span.right) {
            true -> theme.curves[RIGHT]
            false -> theme.curves[WRONG]
            null -> theme.curves[0]
        }
        add(text, SimpleAttributeSet().on(mixed(theme.background, color, MARKED)))
        val tag = tagOf(span)
        if (tag.isEmpty()) return
        val look = small(theme.text).on(mixed(theme.background, color, TAGGED))
        StyleConstants.setBold(look, true)
        add(" $tag ".replace(' ', TOGETHER), look)
    }

    private fun small(color: Color) = SimpleAttributeSet().apply {
        StyleConstants.setFontSize(this, (font.size * SMALL).toInt())
        StyleConstants.setForeground(this, color)
    }

    private fun <A : MutableAttributeSet> A.on(color: Color): A = apply { StyleConstants.setBackground(this, color) }

    private fun add(text: String, look: SimpleAttributeSet) = document.insertString(document.length, text, look)

    private companion object {
        const val RIGHT = 2
        const val WRONG = 1
        const val MARKED = 0.22
        const val TAGGED = 0.5
        const val SMALL = 0.85

        /** A blank at which no line is broken. */
        const val TOGETHER = '\u00A0'
    }
}

private const val WORD = 40
