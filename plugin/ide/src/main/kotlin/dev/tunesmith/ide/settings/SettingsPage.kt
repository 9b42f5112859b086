package dev.tunesmith.ide.settings

import com.intellij.openapi.fileChooser.FileChooserDescriptorFactory
import com.intellij.openapi.options.Configurable
import com.intellij.openapi.project.Project
import com.intellij.openapi.ui.TextFieldWithBrowseButton
import dev.tunesmith.core.launch.SettingsForm
import dev.tunesmith.ide.Messages
import dev.tunesmith.ide.service.FineTuningService
import javax.swing.JComponent
import javax.swing.JTextField

/** Settings | Tools | Fine-Tuning. */
internal class SettingsPage(private val project: Project) : Configurable {
    private val stored = project.getService(ProjectSettings::class.java)
    private var form: SettingsForm? = null

    override fun getDisplayName(): String = Messages.text("settings.name")

    override fun createComponent(): JComponent {
        val interpreter = JTextField()
        val browse = TextFieldWithBrowseButton(interpreter)
        val python = FileChooserDescriptorFactory.createSingleFileNoJarsDescriptor()
        browse.addBrowseFolderListener(project, python.withTitle(Messages.text("settings.interpreter.choose")))
        return SettingsForm(interpreter, browse) { Messages.text(it) }.also { form = it }
    }

    override fun isModified(): Boolean = form?.settings != stored.current

    override fun apply() {
        stored.current = form?.settings ?: return
        project.getService(FineTuningService::class.java).restart()
    }

    override fun reset() {
        form?.settings = stored.current
    }

    override fun disposeUIResources() {
        form = null
    }
}
