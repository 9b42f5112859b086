package dev.tunesmith.core.panels

import dev.tunesmith.core.Words
import dev.tunesmith.core.chart.PanelsView
import dev.tunesmith.core.protocol.Block
import dev.tunesmith.core.protocol.BlockKind
import dev.tunesmith.core.protocol.MarkShape
import dev.tunesmith.core.swing.Below
import dev.tunesmith.core.swing.Page
import dev.tunesmith.core.swing.PartScroll
import dev.tunesmith.core.swing.ScaledBorder
import dev.tunesmith.core.swing.SelectableText
import javax.swing.BorderFactory
import javax.swing.JComponent
import javax.swing.JPanel
import javax.swing.JScrollPane

/** The figures of a report and below them its blocks, each drawn by its kind; what is not there takes no room. */
internal class ReportPage(private val words: Words, private val intent: (Intent) -> Unit) {
    private val figures = figuresPanel(words)
    private val page = Page(BETWEEN)
    private var shown: Triple<String, List<Block>, Boolean>? = null

    val component: JScrollPane =
        JScrollPane(page, JScrollPane.VERTICAL_SCROLLBAR_AS_NEEDED, JScrollPane.HORIZONTAL_SCROLLBAR_NEVER)

    init {
        component.border = BorderFactory.createEmptyBorder()
        page.border = ScaledBorder(GAP)
        figures.component.isPart = true
    }

    /** [blocks] are of the report of [run], an id. What is shown already stays as its user has left it. */
    fun show(run: String, metrics: Map<String, Double>, blocks: List<Block>) {
        figures.show(metrics)
        val now = Triple(run, blocks, metrics.isNotEmpty())
        if (now == shown) return
        shown = now
        page.removeAll()
        if (metrics.isNotEmpty()) page.add(part(words("figures.title"), "", figures.component))
        blocks.forEach { block -> page.add(part(block.title.ifEmpty { block.name }, block.says, body(run, block))) }
        page.revalidate()
        page.repaint()
        component.verticalScrollBar.value = 0
    }

    private fun part(title: String, says: String, body: JComponent) = JPanel(Below(GAP)).apply {
        add(SelectableText(isBold = true).also { it.text = title })
        if (says.isNotEmpty()) add(SelectableText().also { it.text = says })
        add(body)
    }

    private fun body(run: String, block: Block): JComponent = when (block.kind) {
        BlockKind.TABLE -> blockTable(words, block)

        BlockKind.MATRIX -> PartScroll(ConfusionView(words, intent).apply { show(run, block) })

        BlockKind.CHART -> chart(block)

        BlockKind.TEXTS -> BlockTexts(words, block)

        // A kind that a newer runtime has.
        else -> hint()
    }

    private fun chart(block: Block): JComponent {
        val view = PanelsView(words, block) { intent(Intent.SaveChart(block, it)) }
        val isKnown = block.panels.all { panel -> panel.marks.all { it.shape in MarkShape.ALL } }
        return if (isKnown) view else JPanel(Below(GAP)).apply { listOf(view, hint()).forEach { add(it) } }
    }

    private fun hint() = SelectableText().apply { text = words("block.unknown") }

    private companion object {
        const val GAP = 6
        const val BETWEEN = 18
    }
}
