package dev.tunesmith.core.window

import dev.tunesmith.core.Words
import dev.tunesmith.core.chart.countWords
import dev.tunesmith.core.chart.themeOf
import dev.tunesmith.core.chart.valueWords
import dev.tunesmith.core.panels.isAtWork
import dev.tunesmith.core.panels.spanWords
import dev.tunesmith.core.panels.statusColor
import dev.tunesmith.core.panels.statusWords
import dev.tunesmith.core.panels.withWarnings
import dev.tunesmith.core.protocol.RunStatus
import dev.tunesmith.core.protocol.RunSummary
import dev.tunesmith.core.swing.BoldLabel
import dev.tunesmith.core.swing.ScaledBorder
import dev.tunesmith.core.swing.SelectableText
import dev.tunesmith.core.swing.scaled
import dev.tunesmith.core.swing.tip
import java.awt.BorderLayout
import java.awt.Component
import java.awt.Graphics
import java.awt.Graphics2D
import java.awt.RenderingHints
import java.awt.geom.Ellipse2D
import javax.swing.Icon
import javax.swing.JLabel
import javax.swing.JPanel

/** The open run in a line: what it is called and how it stands; below, what there is to say of it. */
internal class RunHeader(private val words: Words) : JPanel(BorderLayout(scaled(GAP), scaled(2))) {
    private val title = BoldLabel()
    private val facts = JLabel()
    private val message = SelectableText()

    init {
        border = ScaledBorder(6, GAP, 6, GAP)
        title.iconTextGap = scaled(6)
        add(title, BorderLayout.LINE_START)
        add(facts, BorderLayout.CENTER)
        add(message, BorderLayout.SOUTH)
        show(null)
    }

    fun show(run: RunSummary?) {
        title.text = run?.let { it.name.ifEmpty { it.id } } ?: words("window.no-run")
        title.icon = run?.let { Dot(it.status) }
        facts.text = run?.let(::factsOf).orEmpty()
        facts.toolTipText = tip(facts.text)
        message.text = run?.let(::messageOf).orEmpty()
        message.isVisible = message.text.isNotEmpty()
    }

    private fun factsOf(run: RunSummary): String = listOfNotNull(
        statusWords(run.status, words),
        run.totalSteps?.let { words("window.steps", countWords(run.step), countWords(it)) },
        run.etaS?.takeIf { isAtWork(run) && it.isFinite() }?.let { words("window.left", spanWords(it)) },
        run.best?.let {
            withWarnings(words("window.best", it.metric, valueWords(it.value, 4), countWords(it.step)), run, words)
        },
        run.device.ifEmpty { null },
    ).joinToString(" · ")

    /** What a run says of itself while it goes well stands in its log. */
    private fun messageOf(run: RunSummary): String = when (run.status) {
        RunStatus.FAILED, RunStatus.LOST -> listOfNotNull(
            run.message.ifEmpty { null },
            if (run.remedy == RESUME) words("window.resume") else run.remedy,
        ).joinToString("\n")

        else -> ""
    }

    /** The colour of the state; its words stand beside it. */
    private class Dot(private val status: String) : Icon {
        override fun getIconWidth(): Int = scaled(SIZE)

        override fun getIconHeight(): Int = scaled(SIZE)

        override fun paintIcon(component: Component, graphics: Graphics, x: Int, y: Int) {
            val g = graphics.create() as Graphics2D
            g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON)
            g.color = statusColor(status, themeOf(component))
            val size = scaled(SIZE).toDouble()
            g.fill(Ellipse2D.Double(x.toDouble(), y.toDouble(), size, size))
            g.dispose()
        }
    }

    private companion object {
        const val GAP = 10
        const val SIZE = 8
        const val RESUME = "resume"
    }
}
