package dev.tunesmith.core.launch

import dev.tunesmith.core.client.PluginSettings
import dev.tunesmith.core.job.JobKeys
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.awt.Component
import java.awt.Container
import javax.swing.JButton
import javax.swing.JComboBox
import javax.swing.JLabel
import javax.swing.JTextField
import javax.swing.SwingUtilities

class FormsTest {
    private val settings = RunSettings(
        job = "a.job.yaml",
        name = "one",
        overrides = "seed=1",
        device = "cuda:1",
        from = StartFrom.RUN,
        run = "abc",
        step = "40",
        environment = "A=b",
        breakOn = "spike=20",
    )

    private fun Container.all(): List<Component> =
        components.flatMap { listOf(it) + ((it as? Container)?.all() ?: emptyList()) }

    private fun settingsForm(trust: () -> Unit = {}): SettingsForm {
        val interpreter = JTextField()
        val folder = JTextField()
        return SettingsForm(interpreter, interpreter, folder, folder, { it }, trust)
    }

    private fun onEventThread(test: () -> Unit) = SwingUtilities.invokeAndWait(test)

    @Test
    fun `the form of a run gives back what it was given, and tells of each change`() = onEventThread {
        var changes = 0
        val job = JTextField()
        val form = RunForm(job, job, { it }, { null }) { changes++ }
        form.settings = settings
        assertEquals(settings, form.settings)
        val before = changes
        job.text = "b.job.yaml"
        assertTrue(changes > before)
        assertEquals("b.job.yaml", form.settings.job)
    }

    @Test
    fun `a run to begin from can only be named where one is wanted`() = onEventThread {
        val job = JTextField()
        val form = RunForm(job, job, { it }, { JobKeys.bundled }) {}
        val from = form.all().filterIsInstance<JComboBox<*>>().first { it.selectedItem is StartFrom }
        val run = form.all().filterIsInstance<JTextField>().first { it.accessibleContext.accessibleName == "form.run" }
        from.selectedItem = StartFrom.SCRATCH
        assertFalse(run.isEnabled)
        from.selectedItem = StartFrom.RUN
        assertTrue(run.isEnabled)
    }

    @Test
    fun `each field has a label, a name for screen readers and a help`() = onEventThread {
        val job = JTextField()
        val forms = listOf(RunForm(job, job, { it }, { JobKeys.bundled }) {}, settingsForm())
        val labels = forms.flatMap { form -> form.components.filterIsInstance<JLabel>() }
        assertEquals(14, labels.size)
        labels.forEach { label ->
            val field = label.labelFor as javax.swing.JComponent
            assertEquals(label.text, field.accessibleContext.accessibleName)
            assertEquals("${label.text}.help", field.toolTipText)
        }
    }

    @Test
    fun `the form of the settings gives back what it was given`() = onEventThread {
        val settings = PluginSettings("/usr/bin/python3", parallel = 4, updatesPerSecond = 2, folder = "/large/disk")
        val form = settingsForm()
        form.settings = settings
        assertEquals(settings, form.settings)
        assertEquals(mapOf("TUNESMITH_FOLDER" to "/large/disk"), settings.environment)
        assertEquals(emptyMap<String, String>(), PluginSettings().environment)
    }

    @Test
    fun `trust is given with a button that goes once it is there`() = onEventThread {
        var given = 0
        val form = settingsForm { given++ }
        val button = form.all().filterIsInstance<JButton>().single { it.text == "settings.trust.give" }
        button.doClick()
        assertEquals(1, given)
        form.isTrusted = true
        assertFalse(button.isVisible)
        assertTrue(form.all().filterIsInstance<JLabel>().any { it.text == "settings.trust.yes" })
    }

    @Test
    fun `overrides are completed from the job's keys`() = onEventThread {
        val job = JTextField()
        val form = RunForm(job, job, { it }, { JobKeys.bundled }) {}
        form.settings = settings.copy(overrides = "training.ep")
        form.completion.open()
        assertEquals("training.epochs=", form.completion.items.first().text)
    }
}
