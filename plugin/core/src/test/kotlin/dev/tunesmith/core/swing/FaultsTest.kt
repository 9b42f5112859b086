package dev.tunesmith.core.swing

import dev.tunesmith.core.chart.ENGLISH
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.condition.DisabledIfSystemProperty
import java.awt.Dimension
import java.awt.Rectangle
import javax.swing.JButton
import javax.swing.JComponent
import javax.swing.JLabel
import javax.swing.JPanel
import javax.swing.JScrollPane
import javax.swing.JTable
import javax.swing.JTextArea
import javax.swing.JTextField

/** That the look at windows finds what it looks for. */
@DisabledIfSystemProperty(named = "java.awt.headless", matches = "true", disabledReason = "needs a screen")
internal class FaultsTest {
    private fun faults(vararg placed: Pair<JComponent, Rectangle>): List<String> = onUi {
        dress(Theme.LIGHT)
        val panel = JPanel(null)
        placed.forEach { (component, bounds) -> panel.add(component).bounds = bounds }
        Stage(panel, Dimension(500, 300)).use { faultsOf(panel, ENGLISH).map { it.substringBefore(" in ") } }
    }

    private val table = JTable(arrayOf(arrayOf("1", "2")), arrayOf("A heading that is too long", "")).apply {
        accessibleContext.accessibleName = "table"
        setSize(80, 40)
    }

    @Test
    fun `what is well is left alone`() {
        val field = JTextField("text").apply { accessibleContext.accessibleName = "field" }
        val good = arrayOf<JComponent>(JLabel("A label"), JButton("Press"), field)
        val wide = good.mapIndexed { at, component -> component to Rectangle(10, 10 + 40 * at, 200, 30) }
        assertEquals(emptyList<String>(), faults(*wide.toTypedArray()))
    }

    @Test
    fun `texts that are cut off, say nothing, lie outside or have no name are found`() {
        val found = faults(
            JLabel("A label that is cut") to Rectangle(10, 10, 40, 30),
            JButton("") to Rectangle(10, 50, 80, 30),
            JLabel("Outside") to Rectangle(460, 90, 200, 30),
            JTextField() to Rectangle(10, 130, 80, 30),
            JTextArea("one\ntwo\nthree") to Rectangle(10, 170, 80, 20),
        ).map { it.replace(Regex("\\d+x\\d+|java.awt.*"), "#") }
        val expected = listOf(
            "cut off: # of #, \"A label that is cut\"",
            "says nothing",
            "no accessible name",
            "out of its container: \"Outside\" at #",
            "no accessible name",
            "cut off: # of #, \"one\ntwo\nthree\"",
            "no accessible name",
        )
        assertEquals(expected, found)
    }

    @Test
    fun `headings that are cut off or say nothing are found`() {
        val found = faults(JScrollPane(table) to Rectangle(10, 10, 100, 100))
        assertEquals(2, found.size, "$found")
        assertEquals(listOf("a heading says nothing: column 1"), found.filter { "nothing" in it })
        assertEquals(1, found.count { "heading cut off: \"A heading that is too long\"" in it })
    }
}
