package dev.tunesmith.core.setup

import dev.tunesmith.core.Words
import dev.tunesmith.core.chart.themeOf
import dev.tunesmith.core.environment.BannerState
import dev.tunesmith.core.swing.ScaledBorder
import dev.tunesmith.core.swing.showsLetters
import dev.tunesmith.core.wizard.Line
import dev.tunesmith.core.wizard.Prose
import dev.tunesmith.core.wizard.Stack
import java.awt.BorderLayout
import java.awt.Color
import java.awt.GridBagConstraints
import javax.swing.BorderFactory
import javax.swing.JButton
import javax.swing.JPanel
import javax.swing.UIManager

/**
 * Says what is missing, with one button that mends it; while it is being mended, how far that is. Not visible where
 * nothing is missing.
 *
 * @param mend The user pressed the button.
 * @param cancel The user no longer wants what is being installed.
 */
public class BannerPanel(private val words: Words, mend: () -> Unit, cancel: () -> Unit) : JPanel(BorderLayout()) {
    private val said = Prose()
    private val button = JButton().apply { addActionListener { mend() } }
    private val making = MakingView(words, cancel)

    init {
        val line = Line().put(said, 1.0, GridBagConstraints.HORIZONTAL).put(button, fill = GridBagConstraints.NONE)
        add(Stack().put(line).put(making, 1.0), BorderLayout.CENTER)
        showsLetters()
        isVisible = false
    }

    /** Draws [state]. */
    public fun show(state: BannerState) {
        val banner = state.banner
        isVisible = banner != null || state.isMending
        colours()
        if (banner != null) {
            said.text = bannerWords(banner, words)
            button.text = mendWords(banner.mend, words)
            getAccessibleContext().accessibleDescription = said.text
        }
        button.isEnabled = !state.isMending
        making.isVisible = state.making != null
        state.making?.let { making.show(it) }
        revalidate()
        repaint()
    }

    override fun updateUI() {
        super.updateUI()
        if (isVisible) colours()
    }

    /** Those of the IDE's own banners, where there are such; the words stand out from them in every theme. */
    private fun colours() {
        val theme = themeOf(parent ?: this)
        val isDark = theme.background.red < DARK
        background = UIManager.getColor("Banner.warningBackground") ?: if (isDark) WARNING_DARK else WARNING
        val edge = UIManager.getColor("Banner.warningBorderColor") ?: if (isDark) EDGE_DARK else EDGE
        val inner = ScaledBorder(8, 16, 8, 16)
        border = BorderFactory.createCompoundBorder(BorderFactory.createMatteBorder(0, 0, 1, 0, edge), inner)
    }

    private companion object {
        const val DARK = 128
        val WARNING = Color(0xFFF6E9)
        val WARNING_DARK = Color(0x3D3223)
        val EDGE = Color(0xF0C998)
        val EDGE_DARK = Color(0x5E4D33)
    }
}
