package dev.tunesmith.ide.run

import com.intellij.openapi.fileChooser.FileChooserDescriptorFactory
import com.intellij.openapi.options.SettingsEditor
import com.intellij.openapi.project.Project
import com.intellij.openapi.ui.TextFieldWithBrowseButton
import dev.tunesmith.core.launch.RunForm
import dev.tunesmith.ide.Messages
import dev.tunesmith.ide.service.KnownKeys
import javax.swing.JComponent
import javax.swing.JTextField

/** The form of a run configuration; the IDE checks it while the user types. */
internal class FineTuningEditor(project: Project) : SettingsEditor<FineTuningConfiguration>() {
    private val job = JTextField()
    private val browse = TextFieldWithBrowseButton(job).apply {
        val yaml = FileChooserDescriptorFactory.createSingleFileDescriptor("yaml")
        addBrowseFolderListener(project, yaml.withTitle(Messages.text("form.job.choose")))
    }
    private val form = RunForm(job, browse, { Messages.text(it) }, { KnownKeys.now() }, { fireEditorStateChanged() })

    override fun createEditor(): JComponent = form

    override fun resetEditorFrom(configuration: FineTuningConfiguration) {
        form.settings = configuration.settings
    }

    override fun applyEditorTo(configuration: FineTuningConfiguration) {
        configuration.settings = form.settings
    }
}
