package dev.tunesmith.core.chart

import dev.tunesmith.core.swing.scaled
import java.awt.Component
import java.awt.Container
import java.awt.Dimension
import java.awt.LayoutManager

private val WIDTH get() = scaled(380)
private val HEIGHT get() = scaled(250)
private val GAP get() = scaled(8)

/** As many charts beside each other as are still wide enough to read; a single one takes all the room. */
internal class ChartGrid : LayoutManager {
    override fun addLayoutComponent(name: String?, component: Component?) = Unit

    override fun removeLayoutComponent(component: Component?) = Unit

    private fun columns(parent: Container, width: Int): Int =
        (width / WIDTH).coerceIn(1, maxOf(1, parent.componentCount))

    private fun rows(parent: Container, columns: Int): Int = (parent.componentCount + columns - 1) / columns

    override fun preferredLayoutSize(parent: Container): Dimension {
        val width = parent.parent?.width?.takeIf { it > 0 } ?: WIDTH
        return Dimension(width, rows(parent, columns(parent, width)) * (HEIGHT + GAP))
    }

    override fun minimumLayoutSize(parent: Container): Dimension = Dimension(WIDTH / 2, HEIGHT / 2)

    override fun layoutContainer(parent: Container) {
        if (parent.componentCount == 0) return
        val columns = columns(parent, parent.width)
        val rows = rows(parent, columns)
        val width = parent.width / columns
        val height = maxOf(HEIGHT, parent.height / rows)
        for (i in 0 until parent.componentCount) {
            parent.getComponent(i).setBounds(i % columns * width, i / columns * height, width - GAP / 2, height - GAP)
        }
    }
}
