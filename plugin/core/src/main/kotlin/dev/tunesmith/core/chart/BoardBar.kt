package dev.tunesmith.core.chart

import dev.tunesmith.core.Words
import dev.tunesmith.core.swing.NamedListRenderer
import dev.tunesmith.core.swing.scaled
import java.awt.Component
import java.awt.Dimension
import java.awt.FlowLayout
import java.util.Locale
import javax.swing.JButton
import javax.swing.JComboBox
import javax.swing.JLabel
import javax.swing.JPanel
import javax.swing.JSlider
import javax.swing.JToggleButton

/** The tool bar of the charts. It shows what is set and says what its user sets. */
internal class BoardBar(words: Words, private val change: ((BoardState) -> BoardState) -> Unit) :
    JPanel(FlowLayout(FlowLayout.LEADING, scaled(8), scaled(4))) {
    private val axis = JComboBox(XAxis.entries.toTypedArray())
    private val log = JToggleButton(words("chart.bar.log"))
    private val smoothing = JSlider(0, SmoothingScale.MOST, 0)
    private val amount = JLabel()
    private var isShowing = false

    init {
        axis.renderer = NamedListRenderer<XAxis> { axis -> axis?.let { words(axisKey(it)) }.orEmpty() }
        add(named(JLabel(words("chart.bar.axis")), axis))
        add(axis)
        add(log)
        add(named(JLabel(words("chart.bar.smoothing")), smoothing))
        smoothing.preferredSize = Dimension(scaled(120), smoothing.preferredSize.height)
        add(smoothing)
        amount.text = "0.000"
        amount.preferredSize = Dimension(amount.preferredSize.width + scaled(4), amount.preferredSize.height)
        add(amount)
        val fit = JButton(words("chart.bar.fit"))
        fit.toolTipText = words("chart.bar.fit.tip")
        add(fit)
        axis.addActionListener {
            onChange { it.copy(shared = it.shared.copy(xAxis = axis.selectedItem as XAxis, x = null, cursor = null)) }
        }
        log.addActionListener {
            onChange {
                it.copy(
                    shared = it.shared.copy(yScale = if (log.isSelected) YScale.LOG else YScale.LINEAR),
                    scales = emptyMap(),
                )
            }
        }
        smoothing.addChangeListener {
            onChange { it.copy(shared = it.shared.copy(smoothing = SmoothingScale.keep(smoothing.value))) }
        }
        fit.addActionListener {
            onChange { it.copy(shared = it.shared.copy(x = null), scales = emptyMap(), box = null) }
        }
        show(Shared())
    }

    private fun named(label: JLabel, field: Component): JLabel = label.apply { labelFor = field }

    private fun onChange(make: (BoardState) -> BoardState) {
        if (!isShowing) change(make)
    }

    fun show(shared: Shared) {
        isShowing = true
        if (axis.selectedItem != shared.xAxis) axis.selectedItem = shared.xAxis
        log.isSelected = shared.yScale == YScale.LOG
        if (!smoothing.valueIsAdjusting) smoothing.value = SmoothingScale.position(shared.smoothing)
        amount.text = String.format(Locale.ROOT, "%.3f", shared.smoothing)
        isShowing = false
    }
}
