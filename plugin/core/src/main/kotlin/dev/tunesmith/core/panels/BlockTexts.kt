package dev.tunesmith.core.panels

import dev.tunesmith.core.Words
import dev.tunesmith.core.chart.countWords
import dev.tunesmith.core.chart.themeOf
import dev.tunesmith.core.protocol.Block
import dev.tunesmith.core.protocol.MarkedText
import dev.tunesmith.core.swing.Below
import dev.tunesmith.core.swing.ScaledBorder
import dev.tunesmith.core.swing.SideBySide
import java.awt.Color
import java.awt.FlowLayout
import java.awt.Graphics
import javax.swing.JButton
import javax.swing.JComponent
import javax.swing.JPanel

/** Texts of a report side by side: the first rows, the others when they are asked for. */
internal class BlockTexts(private val words: Words, private val block: Block) : JPanel(Below(GAP)) {
    private val weights = block.header.indices.map { column ->
        val longest = block.texts.maxOfOrNull { it.getOrNull(column)?.text?.length ?: 0 } ?: 0
        longest.coerceIn(LEAST, MOST).toDouble()
    }

    init {
        isOpaque = false
        block.texts.take(FIRST).forEach { add(row(it)) }
        val rest = block.texts.drop(FIRST)
        if (rest.isNotEmpty()) {
            val more = JButton(words("block.texts.all", countWords(block.texts.size.toLong())))
            val place = leading(more)
            more.addActionListener {
                remove(place)
                rest.forEach { add(row(it)) }
                revalidate()
                repaint()
            }
            add(place)
        }
    }

    private fun row(texts: List<MarkedText>): JComponent {
        val panes = block.header.map(::MarkedPane)
        val pieces = block.header.indices.map { piecesOf(texts.getOrNull(it) ?: MarkedText()) }
        val short = pieces.map { it.upTo(CUT) }
        val beside = JPanel(SideBySide(weights, BETWEEN)).apply { isOpaque = false }
        panes.forEachIndexed { at, pane ->
            pane.show(short[at])
            beside.add(pane)
        }
        val row = Card().apply { add(beside) }
        if (short == pieces) return row
        val turn = JButton(words("block.texts.more"))
        var isWhole = false
        turn.addActionListener {
            isWhole = !isWhole
            turn.text = words(if (isWhole) "block.texts.less" else "block.texts.more")
            panes.forEachIndexed { at, pane -> pane.show(if (isWhole) pieces[at] else short[at]) }
            row.revalidate()
        }
        row.add(leading(turn))
        return row
    }

    private fun leading(button: JButton) = JPanel(FlowLayout(FlowLayout.LEADING, 0, 0)).apply {
        isOpaque = false
        add(button)
    }

    /** A row with a line above it. */
    private class Card : JPanel(Below(GAP)) {
        init {
            isOpaque = false
            border = ScaledBorder(GAP, 0, 0, 0)
        }

        override fun paintComponent(graphics: Graphics) {
            super.paintComponent(graphics)
            val line: Color = themeOf(parent).axis
            graphics.color = line
            graphics.fillRect(0, 0, width, 1)
        }
    }

    private companion object {
        const val GAP = 6
        const val BETWEEN = 16
        const val FIRST = 5
        const val CUT = 400

        /** Between which lengths a column is the wider the longer its texts are. */
        const val LEAST = 16
        const val MOST = 60
    }
}
