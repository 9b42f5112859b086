package dev.tunesmith.core.window

import java.awt.event.ComponentAdapter
import java.awt.event.ComponentEvent
import javax.swing.BorderFactory
import javax.swing.JComponent
import javax.swing.JSplitPane

/**
 * Two parts, of which the first has this [share] until the user moves the divider: side by side, or one below the other
 * where there is more height than width, as in a dock at the side.
 *
 * @param fixed They always stand like this, as in JSplitPane; null: as there is room.
 */
internal class TurningSplit(
    first: JComponent,
    second: JComponent,
    private val share: Double,
    private val fixed: Int? = null,
) : JSplitPane(fixed ?: HORIZONTAL_SPLIT, first, second) {
    private var isWide: Boolean? = null

    init {
        resizeWeight = share
        border = BorderFactory.createEmptyBorder()
        addComponentListener(
            object : ComponentAdapter() {
                override fun componentResized(event: ComponentEvent) = turn()
            },
        )
    }

    private fun turn() {
        val isWideNow = width >= height
        if (isWideNow == isWide) return
        isWide = isWideNow
        orientation = fixed ?: if (isWideNow) HORIZONTAL_SPLIT else VERTICAL_SPLIT
        setDividerLocation(share)
    }
}
