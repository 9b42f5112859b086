package dev.tunesmith.core.swing

import java.awt.Component
import java.awt.Container
import java.awt.Dimension
import java.awt.LayoutManager
import java.awt.Rectangle
import java.awt.event.MouseWheelEvent
import javax.swing.BorderFactory
import javax.swing.JComponent
import javax.swing.JPanel
import javax.swing.JScrollPane
import javax.swing.JViewport
import javax.swing.Scrollable
import javax.swing.SwingConstants
import javax.swing.SwingUtilities
import javax.swing.text.JTextComponent

/** Something whose height follows from the width that it is given. Unit: pixel. */
public interface Flowing {
    public fun heightFor(width: Int): Int
}

/** Lays out what is as high as its width asks for. */
internal abstract class FlowingLayout : LayoutManager {
    /** How high [parent] is where it is [width] wide. Unit: pixel. */
    abstract fun heightFor(parent: Container, width: Int): Int

    override fun addLayoutComponent(name: String?, component: Component?) = Unit

    override fun removeLayoutComponent(component: Component?) = Unit

    override fun preferredLayoutSize(parent: Container): Dimension {
        val given = (parent.parent as? JViewport)?.width?.takeIf { it > 0 } ?: parent.width
        val width = if (given > 0) given else scaled(WIDTH)
        return Dimension(width, heightFor(parent, width))
    }

    override fun minimumLayoutSize(parent: Container): Dimension = scaled(LEAST, LEAST)

    private companion object {
        const val WIDTH = 420
        const val LEAST = 120
    }
}

/** How high [component] wants to be where it is [width] wide. Unit: pixel. */
internal fun heightOf(component: Component, width: Int): Int {
    val layout = (component as? Container)?.layout
    val part = (component as? PartScroll)?.viewport?.view ?: component
    return when {
        part is Flowing -> part.heightFor(width)

        layout is FlowingLayout -> layout.heightFor(component, width)

        component is JTextComponent -> {
            component.setSize(width, Short.MAX_VALUE.toInt()) // a text breaks its lines for the size that it has
            component.preferredSize.height
        }

        else -> component.preferredSize.height
    }
}

/** One below the other, each as wide as the whole. */
internal class Below(private val gap: Int) : FlowingLayout() {
    override fun heightFor(parent: Container, width: Int): Int {
        val room = width - parent.insets.left - parent.insets.right
        val shown = parent.components.filter { it.isVisible }
        val gaps = scaled(gap) * maxOf(0, shown.size - 1)
        return parent.insets.top + shown.sumOf { heightOf(it, room) } + gaps + parent.insets.bottom
    }

    override fun layoutContainer(parent: Container) {
        val room = parent.width - parent.insets.left - parent.insets.right
        var y = parent.insets.top
        for (component in parent.components.filter { it.isVisible }) {
            val height = heightOf(component, room)
            component.setBounds(parent.insets.left, y, room, height)
            y += height + scaled(gap)
        }
    }
}

/** Side by side, as wide as [weights] say, where each is wide enough to read; else one below the other. */
internal class SideBySide(private val weights: List<Double>, private val gap: Int) : FlowingLayout() {
    private val below = Below(gap)

    /** Where each begins and how wide it is; null where there is no room for them side by side. */
    private fun places(width: Int): List<Pair<Int, Int>>? {
        val room = width - scaled(gap) * (weights.size - 1)
        val widths = weights.map { (room * it / weights.sum()).toInt() }
        if (widths.any { it < scaled(LEAST) }) return null
        return widths.runningFold(0) { x, each -> x + each + scaled(gap) }.zip(widths)
    }

    override fun heightFor(parent: Container, width: Int): Int {
        val places = places(width) ?: return below.heightFor(parent, width)
        return parent.components.zip(places).maxOfOrNull { (each, place) -> heightOf(each, place.second) } ?: 0
    }

    override fun layoutContainer(parent: Container) {
        val places = places(parent.width) ?: return below.layoutContainer(parent)
        parent.components.zip(places).forEach { (each, place) ->
            each.setBounds(place.first, 0, place.second, heightOf(each, place.second))
        }
    }

    private companion object {
        const val LEAST = 110
    }
}

/** Parts one below the other that are scrolled together. */
internal class Page(gap: Int) :
    JPanel(Below(gap)),
    Scrollable {
    override fun getPreferredScrollableViewportSize(): Dimension = preferredSize

    override fun getScrollableTracksViewportWidth(): Boolean = true

    override fun getScrollableTracksViewportHeight(): Boolean = preferredSize.height <= (parent?.height ?: 0)

    override fun getScrollableUnitIncrement(visible: Rectangle, orientation: Int, direction: Int): Int = scaled(SCROLL)

    override fun getScrollableBlockIncrement(visible: Rectangle, orientation: Int, direction: Int): Int =
        if (orientation == SwingConstants.VERTICAL) visible.height else visible.width

    private companion object {
        const val SCROLL = 24
    }
}

/** Scrolls a part of a page; where the wheel can move the part no further, it moves the page. */
internal class PartScroll(view: JComponent) : JScrollPane(view) {
    init {
        border = BorderFactory.createEmptyBorder()
    }

    override fun processMouseWheelEvent(event: MouseWheelEvent) {
        val page = SwingUtilities.getAncestorOfClass(JScrollPane::class.java, this)
        if (page == null || isMovedBy(event)) return super.processMouseWheelEvent(event)
        page.dispatchEvent(SwingUtilities.convertMouseEvent(this, event, page))
    }

    private fun isMovedBy(event: MouseWheelEvent): Boolean {
        val bar = if (event.isShiftDown) horizontalScrollBar else verticalScrollBar
        val isAtEnd = if (event.preciseWheelRotation < 0) {
            bar.value <= bar.minimum
        } else {
            bar.value + bar.visibleAmount >= bar.maximum
        }
        return bar.isVisible && !isAtEnd
    }
}
