package dev.tunesmith.ide.settings

import com.intellij.ide.trustedProjects.TrustedProjects
import com.intellij.openapi.fileChooser.FileChooserDescriptor
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
    private val service = project.getService(FineTuningService::class.java)
    private var form: SettingsForm? = null

    override fun getDisplayName(): String = Messages.text("settings.name")

    override fun createComponent(): JComponent {
        val interpreter = JTextField()
        val folder = JTextField()
        val python = FileChooserDescriptorFactory.createSingleFileNoJarsDescriptor()
        val runs = FileChooserDescriptorFactory.createSingleFolderDescriptor()
        return SettingsForm(
            interpreter,
            browse(interpreter, python.withTitle(Messages.text("settings.interpreter.choose"))),
            folder,
            browse(folder, runs.withTitle(Messages.text("settings.folder.choose"))),
            { Messages.text(it) },
            ::trust,
        ).also { form = it }
    }

    override fun isModified(): Boolean = form?.settings != stored.current

    override fun apply() {
        stored.current = form?.settings ?: return
        service.settingsChanged()
    }

    override fun reset() {
        form?.settings = stored.current
        form?.isTrusted = TrustedProjects.isProjectTrusted(project)
    }

    override fun disposeUIResources() {
        form = null
    }

    private fun browse(field: JTextField, descriptor: FileChooserDescriptor) =
        TextFieldWithBrowseButton(field).apply { addBrowseFolderListener(project, descriptor) }

    private fun trust() {
        TrustedProjects.setProjectTrusted(project, true)
        form?.isTrusted = TrustedProjects.isProjectTrusted(project)
    }
}
