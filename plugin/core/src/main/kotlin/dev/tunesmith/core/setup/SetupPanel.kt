package dev.tunesmith.core.setup

import dev.tunesmith.core.Words
import dev.tunesmith.core.environment.Interpreter
import dev.tunesmith.core.environment.SetupState
import dev.tunesmith.core.swing.NamedListRenderer
import dev.tunesmith.core.swing.ScaledBorder
import dev.tunesmith.core.swing.scaled
import dev.tunesmith.core.swing.showsLetters
import dev.tunesmith.core.wizard.GAP
import dev.tunesmith.core.wizard.Line
import dev.tunesmith.core.wizard.Prose
import dev.tunesmith.core.wizard.Stack
import dev.tunesmith.core.wizard.heading
import dev.tunesmith.core.wizard.titled
import java.awt.BorderLayout
import javax.swing.DefaultComboBoxModel
import javax.swing.JButton
import javax.swing.JComboBox
import javax.swing.JComponent
import javax.swing.JPanel
import javax.swing.JProgressBar

/** What the user does about a missing runtime. */
public sealed interface SetupIntent {
    /** Begin with the interpreter at [path]. */
    public data class Choose(val path: String) : SetupIntent

    /** Look for a Python on the disk. */
    public data object Browse : SetupIntent

    /** Make the environment. */
    public data object Make : SetupIntent

    public data object CancelMaking : SetupIntent

    /** Give up the wizard. */
    public data object Close : SetupIntent
}

/**
 * Before the wizard can look at data it needs a runtime: says so, what would be done and where, and does it only when
 * the user says so.
 *
 * @param folder Where the environment would be made.
 */
public class SetupPanel(private val words: Words, folder: String, private val send: (SetupIntent) -> Unit) :
    JPanel(BorderLayout(GAP, GAP)) {
    private val python = JComboBox<Interpreter>()
    private val browse = JButton(words("wizard.browse"))
    private val looking = JProgressBar().apply { isIndeterminate = true }
    private val said = Prose()
    private val consent = Prose()
    private val make = JButton(words("setup.make"))
    private val making = MakingView(words) { send(SetupIntent.CancelMaking) }
    private var isShowing = false

    init {
        border = ScaledBorder(EDGE)
        python.renderer = NamedListRenderer<Interpreter> { found ->
            found?.let { words("setup.interpreter", it.version, it.path) }.orEmpty()
        }
        python.accessibleContext.accessibleName = words("setup.python")
        browse.accessibleContext.accessibleName = words("setup.browse")
        looking.accessibleContext.accessibleName = words("setup.looking")
        consent.text = words("setup.consent", folder)
        val close = JButton(words("wizard.cancel"))
        val choice = titled(words("setup.python"), Line().put(python, 1.0).put(browse), python)
        val room = JPanel().apply { isOpaque = false }
        val begin = Line().put(make).put(JPanel().apply { isOpaque = false }, 1.0)
        val about = Prose().apply { text = words("setup.about") }
        val page = Stack().put(heading(words("setup.title"))).put(about).put(choice).put(looking).put(said)
        add(page.put(consent).put(begin).put(making, 1.0).put(room, LITTLE), BorderLayout.CENTER)
        add(Line().put(JPanel().apply { isOpaque = false }, 1.0).put(close), BorderLayout.SOUTH)
        python.addActionListener { if (!isShowing) chosen()?.let { send(SetupIntent.Choose(it.path.toString())) } }
        browse.addActionListener { send(SetupIntent.Browse) }
        make.addActionListener { send(SetupIntent.Make) }
        close.addActionListener { send(SetupIntent.Close) }
        preferredSize = scaled(WIDTH, HEIGHT)
        show(SetupState())
        showsLetters()
    }

    /** What has the focus when the window comes. */
    public val first: JComponent get() = if (make.isEnabled) make else python

    /** Draws [state]. */
    public fun show(state: SetupState) {
        isShowing = true
        val known = (0 until python.itemCount).map(python::getItemAt)
        if (known != state.found) python.model = DefaultComboBoxModel(state.found.toTypedArray())
        python.selectedItem = state.chosen
        isShowing = false
        python.isEnabled = !state.isMaking && state.found.isNotEmpty()
        browse.isEnabled = !state.isMaking
        looking.isVisible = state.isLooking
        said.text = saidWords(state, words)
        said.isVisible = said.text.isNotEmpty()
        make.isEnabled = state.canMake
        making.isVisible = state.making != null
        state.making?.let { making.show(it) }
        revalidate()
        repaint()
    }

    private fun chosen(): Interpreter? = python.selectedItem as? Interpreter

    private companion object {
        const val EDGE = 16
        const val WIDTH = 940
        const val HEIGHT = 640
        const val LITTLE = 0.01
    }
}

/** What the search found wanting; empty where there is nothing to say. */
internal fun saidWords(state: SetupState, words: Words): String = when {
    state.isLooking -> words("setup.looking")

    state.found.isNotEmpty() -> ""

    state.unfit.isNotEmpty() ->
        words("setup.unfit", state.unfit.joinToString(", ") { words("setup.interpreter", it.version, it.path) })

    else -> words("setup.none")
}
