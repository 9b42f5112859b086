package dev.tunesmith.core.window

import java.awt.event.ComponentAdapter
import java.awt.event.ComponentEvent
import javax.swing.BorderFactory
import javax.swing.JComponent
import javax.swing.JSplitPane
import javax.swing.UIManager

/**
 * Two parts, of which the first has this [share] until the user moves the divider: side by side, or one below the other
 * where there is more height than width, as in a dock at the side. One that is not visible leaves its room to the other.
 */
internal class TurningSplit(private val first: JComponent, private val second: JComponent, private val share: Double) :
    JSplitPane(HORIZONTAL_SPLIT, first, second) {
    private var isWide: Boolean? = null
    private var areBoth = true

    init {
        resizeWeight = share
        border = BorderFactory.createEmptyBorder()
        addComponentListener(
            object : ComponentAdapter() {
                override fun componentResized(event: ComponentEvent) = turn()
            },
        )
    }

    /** Shows these of the two parts. */
    fun show(isFirst: Boolean, isSecond: Boolean) {
        first.isVisible = isFirst
        second.isVisible = isSecond
        val areBothNow = isFirst && isSecond
        if (areBothNow == areBoth) return
        areBoth = areBothNow
        dividerSize = if (areBoth) UIManager.getInt("SplitPane.dividerSize") else 0
        setDividerLocation(share)
    }

    private fun turn() {
        val isWideNow = width >= height
        if (isWideNow == isWide) return
        isWide = isWideNow
        orientation = if (isWideNow) HORIZONTAL_SPLIT else VERTICAL_SPLIT
        setDividerLocation(share)
    }
}
