package dev.tunesmith.core.setup

import dev.tunesmith.core.Words
import dev.tunesmith.core.environment.SessionState
import dev.tunesmith.core.wizard.WizardEvent
import dev.tunesmith.core.wizard.WizardFiles
import dev.tunesmith.core.wizard.WizardPanel
import java.awt.CardLayout
import javax.swing.JComponent
import javax.swing.JPanel

/**
 * All of the wizard: first the setup, where it is needed, then the pages.
 *
 * @param folder Where the environment of the plugin would be made.
 * @param prepare What the user does in the setup.
 * @param send What the user does on the pages.
 */
public class WizardWindow(
    private val words: Words,
    folder: String,
    private val files: WizardFiles,
    prepare: (SetupIntent) -> Unit,
    private val send: (WizardEvent) -> Unit,
) : JPanel(CardLayout()) {
    private val setup = SetupPanel(words, folder, prepare)
    private var pages: WizardPanel? = null

    init {
        add(setup, SETUP)
    }

    /** What has the focus when the window comes. */
    public val first: JComponent get() = pages?.first ?: setup.first

    /** Draws [state]. */
    public fun show(state: SessionState) {
        val wizard = state.wizard
        if (wizard == null) return setup.show(state.setup)
        val shown = pages ?: WizardPanel(words, state.python?.toString().orEmpty(), files, send).also {
            pages = it
            add(it, PAGES)
            (layout as CardLayout).show(this, PAGES)
            it.first.requestFocusInWindow()
        }
        shown.show(wizard)
    }

    private companion object {
        const val SETUP = "setup"
        const val PAGES = "pages"
    }
}
