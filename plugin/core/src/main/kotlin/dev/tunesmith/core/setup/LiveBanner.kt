package dev.tunesmith.core.setup

import dev.tunesmith.core.Words
import dev.tunesmith.core.environment.BannerState
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.launch
import java.awt.BorderLayout
import java.util.concurrent.Executor
import javax.swing.JPanel
import javax.swing.SwingUtilities

/**
 * A banner that draws [state] for as long as it is part of a window.
 *
 * @param scope Whose end ends the drawing too.
 */
public class LiveBanner(
    words: Words,
    private val state: StateFlow<BannerState>,
    private val scope: CoroutineScope,
    mend: () -> Unit,
    cancel: () -> Unit,
) : JPanel(BorderLayout()) {
    private val banner = BannerPanel(words, mend, cancel)
    private val swing = Executor { SwingUtilities.invokeLater(it) }.asCoroutineDispatcher()
    private var drawing: Job? = null

    init {
        isOpaque = false
        add(banner)
        banner.show(state.value)
    }

    override fun addNotify() {
        super.addNotify()
        drawing?.cancel()
        drawing = scope.launch(swing) { state.collect(banner::show) }
    }

    override fun removeNotify() {
        drawing?.cancel()
        drawing = null
        super.removeNotify()
    }
}
