package dev.tunesmith.core.wizard

import dev.tunesmith.core.Words
import dev.tunesmith.core.swing.ScaledBorder
import dev.tunesmith.core.swing.onKeys
import dev.tunesmith.core.swing.scaled
import dev.tunesmith.core.swing.showsLetters
import java.awt.BorderLayout
import java.awt.CardLayout
import java.awt.Color
import java.awt.Font
import javax.swing.Box
import javax.swing.BoxLayout
import javax.swing.JButton
import javax.swing.JComponent
import javax.swing.JLabel
import javax.swing.JPanel
import javax.swing.UIManager

/**
 * The whole wizard: its steps, the page of the current one, what is still wrong there, and the buttons.
 *
 * Alt+Left and Alt+Right go between pages, Ctrl+Enter finishes, Escape cancels.
 *
 * @param python The Python that the wizard works with, to be shown.
 * @param send Told what the user does.
 */
public class WizardPanel(
    private val words: Words,
    python: String,
    files: WizardFiles,
    private val send: (WizardEvent) -> Unit,
) : JPanel(BorderLayout(GAP * 2, GAP)) {
    private val pages: Map<Step, Page> = mapOf(
        Step.DATA to DataPage(words, files, send),
        Step.TASK to TaskPage(words, send),
        Step.MODEL to ModelPage(words, send),
        Step.METHOD to MethodPage(words, send),
        Step.PLACE to PlacePage(words, python, files, send),
    )
    private val steps = Step.entries.associateWith { JLabel() }
    private val heading = heading("")
    private val cards = CardLayout()
    private val shown = JPanel(cards)
    private val obstacles = Prose()
    private val retry = button("wizard.retry") { send(WizardEvent.Retry) }
    private val back = button("wizard.back") { send(WizardEvent.Back) }
    private val next = button("wizard.next") { go(WizardEvent.Next) }
    private val finish = button("wizard.finish") { go(WizardEvent.Finish) }
    private val cancel = button("wizard.cancel") { send(WizardEvent.Cancel) }
    private var step: Step? = null

    init {
        border = ScaledBorder(EDGE)
        shown.isOpaque = false
        pages.forEach { (step, page) -> shown.add(page.component, step.name) }
        add(stepList(), BorderLayout.LINE_START)
        add(Stack().put(heading).put(shown, 1.0), BorderLayout.CENTER)
        add(bottom(), BorderLayout.SOUTH)
        preferredSize = scaled(WIDTH, HEIGHT)
        onKeys("alt LEFT", within = true) { back.doClick() }
        onKeys("alt RIGHT", within = true) { next.doClick() }
        onKeys("ctrl ENTER", within = true) { finish.doClick() }
        onKeys("ESCAPE", within = true) { cancel.doClick() }
        obstacles.accessibleContext.accessibleName = words("wizard.obstacles")
        show(WizardState())
        showsLetters()
    }

    /** Draws [state]. */
    public fun show(state: WizardState) {
        val page = pages.getValue(state.step)
        page.show(state)
        cards.show(shown, state.step.name)
        heading.text = words("wizard.heading.${state.step.name.lowercase()}")
        steps.forEach { (step, label) -> label.mark(step, state.step) }
        obstacles.text = statusLines(state, words).joinToString("\n")
        obstacles.foreground = (if (isFailed(state)) errorColor() else null) ?: foreground
        retry.isVisible = isFailed(state)
        val isMaking = state.project is Loaded.Loading
        back.isEnabled = state.step != Step.DATA && !isMaking
        next.isEnabled = state.canGoOn && !isMaking
        finish.isEnabled = state.canFinish
        if (step != state.step && isShowing) page.first.requestFocusInWindow()
        step = state.step
        revalidate()
        repaint()
    }

    internal val page: JComponent get() = pages.getValue(step ?: Step.DATA).component

    /** What has the focus when the window comes. */
    public val first: JComponent get() = pages.getValue(step ?: Step.DATA).first

    private fun go(event: WizardEvent) {
        step?.let { pages.getValue(it).commit() }
        send(event)
    }

    private fun JLabel.mark(mine: Step, current: Step) {
        val name = words("wizard.step.${mine.name.lowercase()}")
        text = words("wizard.step", (mine.ordinal + 1).toString(), name)
        font = font.deriveFont(if (mine == current) Font.BOLD else Font.PLAIN)
        isEnabled = mine.ordinal <= current.ordinal
        accessibleContext.accessibleName = if (mine == current) words("wizard.step.current", text) else text
    }

    private fun stepList(): JPanel {
        val list = Stack()
        steps.forEach { (step, label) ->
            label.mark(step, step)
            label.border = ScaledBorder(4, 0, 4, 8)
            list.put(label, above = 0)
        }
        // As wide as it is with the widest step in bold, so that the page does not move from step to step.
        list.put(Box.createHorizontalStrut(steps.values.maxOf { it.preferredSize.width }), above = 0)
        return JPanel(BorderLayout()).apply {
            isOpaque = false
            add(list, BorderLayout.NORTH)
        }
    }

    private fun bottom(): JPanel {
        val buttons = JPanel().apply {
            isOpaque = false
            layout = BoxLayout(this, BoxLayout.LINE_AXIS)
        }
        buttons.add(retry)
        buttons.add(Box.createHorizontalGlue())
        for (button in listOf(back, next, finish, cancel)) {
            buttons.add(Box.createHorizontalStrut(GAP))
            buttons.add(button)
        }
        return Stack().put(obstacles).put(buttons)
    }

    private fun button(key: String, run: () -> Unit) = JButton(words(key)).apply { addActionListener { run() } }

    private companion object {
        const val EDGE = 16
        const val WIDTH = 940
        const val HEIGHT = 640
    }
}

private fun errorColor(): Color? =
    listOf("Label.errorForeground", "Actions.Red").firstNotNullOfOrNull { UIManager.getColor(it) }

/** Whether something that this page needs was asked for in vain. */
internal fun isFailed(state: WizardState): Boolean {
    val isEstimated = state.step == Step.MODEL || state.step == Step.METHOD
    return state.catalog is Loaded.Failed || state.preview is Loaded.Failed || state.project is Loaded.Failed ||
        (isEstimated && state.estimates.values.any { it is Loaded.Failed })
}

/** Why the user cannot go on, or what failed; with what helps. */
internal fun statusLines(state: WizardState, words: Words): List<String> {
    val failures = listOf(state.catalog, state.project).filterIsInstance<Loaded.Failed>()
    val failed = failures.map { it.message + hint(it.hint) }
    val helps = (state.preview as? Loaded.Failed)?.hint?.takeIf { it.isNotBlank() && state.step == Step.DATA }
    val kept = state.obstacles(state.step).map { words(it.key, *it.arguments.toTypedArray()) }
    return failed + kept + listOfNotNull(helps)
}
