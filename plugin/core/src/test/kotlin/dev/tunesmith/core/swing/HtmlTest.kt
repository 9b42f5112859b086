package dev.tunesmith.core.swing

import dev.tunesmith.core.Words
import dev.tunesmith.core.client.LostReason
import dev.tunesmith.core.client.ServerNotLocated
import dev.tunesmith.core.client.TunesmithClient
import dev.tunesmith.core.environment.Banner
import dev.tunesmith.core.environment.BannerState
import dev.tunesmith.core.environment.Mend
import dev.tunesmith.core.environment.Trouble
import dev.tunesmith.core.job.JobKeys
import dev.tunesmith.core.launch.RunForm
import dev.tunesmith.core.launch.SettingsForm
import dev.tunesmith.core.panels.DifferencesPanel
import dev.tunesmith.core.panels.RunSlots
import dev.tunesmith.core.panels.RunsPanel
import dev.tunesmith.core.panels.SAMPLE_COMPARISON
import dev.tunesmith.core.panels.SAMPLE_ROWS
import dev.tunesmith.core.panels.SAMPLE_RUNS
import dev.tunesmith.core.panels.SamplesPanel
import dev.tunesmith.core.protocol.RunSummary
import dev.tunesmith.core.runs.RunsModel
import dev.tunesmith.core.setup.BannerPanel
import dev.tunesmith.core.setup.SetupPanel
import dev.tunesmith.core.window.AgreeingHost
import dev.tunesmith.core.window.FineTuningWindow
import dev.tunesmith.core.window.RunHeader
import dev.tunesmith.core.wizard.WizardFiles
import dev.tunesmith.core.wizard.WizardPanel
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Path
import java.time.ZoneOffset
import java.util.Locale
import java.util.concurrent.Executor
import javax.swing.AbstractButton
import javax.swing.JComboBox
import javax.swing.JComponent
import javax.swing.JLabel
import javax.swing.JList
import javax.swing.JPanel
import javax.swing.JTabbedPane
import javax.swing.JTable
import javax.swing.JTextField
import javax.swing.JToolTip
import javax.swing.table.TableCellRenderer
import javax.swing.text.View

/** What others wrote is shown letter by letter: no component reads it as HTML. */
internal class HtmlTest {
    private val words = Words(Locale.ENGLISH)
    private val evil = "<html><b>x</b> & <img src='http://127.0.0.1/'>"

    private object NoFiles : WizardFiles {
        override fun data(now: String): String? = null

        override fun folder(now: String): String? = null
    }

    private fun window(folder: Path): FineTuningWindow {
        val scope = CoroutineScope(Job())
        val client = TunesmithClient({ throw ServerNotLocated(LostReason.NoInterpreter) }, scope, Dispatchers.IO)
        val here = Executor { it.run() }
        return FineTuningWindow(words, ZoneOffset.UTC, client, RunsModel(client), AgreeingHost(folder), here, here)
    }

    private fun panels(folder: Path): Map<String, JComponent> {
        val banner = BannerPanel(words, {}, {}).apply { show(BannerState(Banner(Trouble.NO_TORCH, Mend.Trust, evil))) }
        return mapOf(
            "window" to window(folder),
            "wizard" to WizardPanel(words, "/usr/bin/python3", NoFiles) {},
            "setup" to SetupPanel(words, "/home/me/cache") {},
            "banner" to banner,
            "run form" to RunForm(JTextField(), JPanel(), { it }, { JobKeys.bundled }) {},
            "settings form" to SettingsForm(JTextField(), JPanel(), JTextField(), JPanel(), { it }) {},
        )
    }

    private fun JComponent.isHtml(): Boolean = getClientProperty("html") is View

    private fun Any?.isShielded(): Boolean = this !is JComponent || getClientProperty("html.disable") == true

    @Test
    fun `Swing reads such a text as HTML where nothing is done`() = onUi {
        assertTrue(JLabel(evil).isHtml())
    }

    @Test
    fun `no component of any panel reads a text as HTML`(@TempDir folder: Path) = onUi {
        val readers = ArrayList<String>()
        for ((name, panel) in panels(folder)) {
            val found = panel.tree()
            assertTrue(found.size > 3, name)
            for (component in found) {
                val isLetters = when (component) {
                    is JLabel -> !component.apply { text = evil }.isHtml()

                    is AbstractButton -> !component.apply { text = evil }.isHtml()

                    is JTable -> component.columnModel.columns.toList().all { column ->
                        column.cellRenderer.isShielded() && !heading(component, column.headerRenderer).isHtml()
                    }

                    is JList<*> -> component.cellRenderer.isShielded()

                    is JComboBox<*> -> component.renderer.isShielded()

                    is JTabbedPane -> component.isShielded()

                    else -> true
                }
                if (!isLetters) readers += "$name: $component"
            }
        }
        assertEquals(emptyList<String>(), readers)
    }

    private fun heading(table: JTable, renderer: TableCellRenderer?): JComponent {
        val used = renderer ?: table.tableHeader.defaultRenderer
        return used.getTableCellRendererComponent(table, evil, false, false, -1, 0) as JComponent
    }

    @Test
    fun `what comes into a panel later is shown letter by letter too`() = onUi {
        val panel = JPanel().showsLetters()
        val inner = JPanel().apply { add(JLabel(evil)) }
        panel.add(inner)
        val label = JLabel()
        inner.add(label)
        label.text = evil
        assertEquals(emptyList<Any>(), panel.tree().filter { it is JComponent && it.isHtml() })
    }

    @Test
    fun `cells, headings and tooltips of data show its letters`() = onUi {
        val run: RunSummary = SAMPLE_RUNS[0].copy(name = evil, tags = listOf(evil))
        val rows = SAMPLE_ROWS.map { it.copy(values = mapOf(evil to evil), expected = evil) }
        val tables = listOf(
            RunsPanel(words, ZoneOffset.UTC) { }.apply { show(listOf(run), RunSlots()) }.component,
            SamplesPanel(words) { }.apply { show(rows) }.component,
            DifferencesPanel(words).apply { show(SAMPLE_COMPARISON.copy(runs = listOf(run, run))) }.component,
        ).flatMap { it.showsLetters().tree().filterIsInstance<JTable>() }
        var cells = 0
        for (table in tables) {
            for (column in 0 until table.columnCount) {
                assertTrue(!heading(table, table.columnModel.getColumn(column).headerRenderer).isHtml())
                for (row in 0 until table.rowCount) {
                    val cell = table.prepareRenderer(table.getCellRenderer(row, column), row, column) as JComponent
                    assertTrue(!cell.isHtml(), "$row $column")
                    cell.toolTipText?.let { assertEquals(false, "<b>" in it || "<img" in it, it) }
                    if (evil in "${table.getValueAt(row, column)}") cells++
                }
            }
        }
        assertTrue(cells >= 3, "$cells cells had the text")
        val header = RunHeader(words).showsLetters().apply { show(run.copy(device = evil)) }
        val names = NamedListRenderer<String>({ it }) { it.orEmpty() }
        names.getListCellRendererComponent(JList<String>(), evil, 0, false, false)
        assertTrue(!names.isHtml())
        val tips = (header.tree() + names).filterIsInstance<JComponent>().mapNotNull { it.toolTipText }
        assertEquals(emptyList<String>(), tips.filter { "<b>" in it })
        assertTrue(tips.any { "&lt;b&gt;x" in it }, "$tips")
    }

    @Test
    fun `a tooltip shows exactly the letters of its text`() = onUi {
        assertNull(tip(""))
        assertNull(tip(null))
        assertEquals("a > b", tip("a > b"))
        val document = (JToolTip().apply { tipText = tip("$evil\nnext") }.getClientProperty("html") as View).document
        assertEquals("$evil next", document.getText(0, document.length).trim()) // the model has a blank for the break
    }

    @Test
    fun `a balloon gets no markup from a text`() {
        assertEquals("no module &lt;x&gt; &amp; &quot;y&quot;<br>2", escaped("no module <x> & \"y\"\n2"))
    }
}
