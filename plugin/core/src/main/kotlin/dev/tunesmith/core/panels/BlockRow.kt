package dev.tunesmith.core.panels

import dev.tunesmith.core.Words
import dev.tunesmith.core.chart.countWords
import dev.tunesmith.core.chart.valuesWords
import dev.tunesmith.core.protocol.Block
import java.awt.Toolkit
import javax.swing.TransferHandler

/** A row of a report's table. */
internal data class BlockRow(val number: Int, val cells: List<Any?>)

/** A table of a report: numbers stand below each other, every column can be sorted, chosen rows can be copied. */
internal fun blockTable(words: Words, block: Block): TablePanel<BlockRow> {
    lateinit var panel: TablePanel<BlockRow>
    val copy = RowAction<BlockRow>(words("block.table.copy")) {
        val table = panel.table
        table.transferHandler.exportToClipboard(
            table,
            Toolkit.getDefaultToolkit().systemClipboard,
            TransferHandler.COPY,
        )
    }
    panel = TablePanel(words, block.title, blockColumns(block), { it.number }, listOf(copy))
    panel.isPart = true
    panel.show(block.cells.mapIndexed(::BlockRow))
    return panel
}

internal fun blockColumns(block: Block): List<Column<BlockRow>> = block.header.mapIndexed { at, heading ->
    fun cell(row: BlockRow): Any? = row.cells.getOrNull(at)
    val cells = block.cells.mapNotNull { it.getOrNull(at) }
    val numbers = cells.map(::numberOf)
    val isNumber = cells.isNotEmpty() && null !in numbers
    val decimals = valuesWords(cells.filterIsInstance<Double>())
    fun text(row: BlockRow): String = when (val cell = cell(row)) {
        is Double -> decimals(cell)
        is Long -> countWords(cell)
        else -> anyWords(cell)
    }
    val longest = block.cells.maxOfOrNull { text(BlockRow(0, it)).length } ?: 0
    Column(
        "$at",
        heading.ifEmpty { NOTHING },
        ::text,
        if (isNumber) by { numberOf(cell(it)) } else byText(::text),
        (longest * LETTER + BESIDE).coerceIn(LEAST, MOST),
        isNumber,
    )
}

/** The number that a cell is, or, as a share in per cent, says; null for other words. */
private fun numberOf(cell: Any?): Double? = when (cell) {
    is Number -> cell.toDouble()
    is String -> SHARE.matchEntire(cell)?.let { it.groupValues[1].toDouble() }
    else -> null
}

private val SHARE = Regex("""(-?\d+(?:\.\d+)?) ?%""")
private const val LETTER = 7
private const val BESIDE = 20
private const val LEAST = 70
private const val MOST = 320
