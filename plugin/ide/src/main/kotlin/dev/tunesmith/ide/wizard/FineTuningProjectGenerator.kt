package dev.tunesmith.ide.wizard

import com.intellij.facet.ui.ValidationResult
import com.intellij.openapi.application.ApplicationManager
import com.intellij.openapi.module.Module
import com.intellij.openapi.project.Project
import com.intellij.openapi.vfs.VirtualFile
import com.intellij.platform.DirectoryProjectGenerator
import dev.tunesmith.ide.Icons
import dev.tunesmith.ide.Messages
import java.nio.file.Path
import javax.swing.Icon

/** "Fine-tuning" in the IDE's own New Project window: the IDE makes the project, the wizard fills a folder of it. */
internal class FineTuningProjectGenerator : DirectoryProjectGenerator<Any> {
    override fun getName(): String = Messages.text("wizard.name")

    override fun getDescription(): String = Messages.text("wizard.description")

    override fun getLogo(): Icon = Icons.JOB

    override fun generateProject(project: Project, baseDir: VirtualFile, settings: Any, module: Module) {
        val folder = Path.of(baseDir.path).resolve(FOLDER)
        ApplicationManager.getApplication().getService(WizardService::class.java).open(project, folder)
    }

    override fun validate(baseDirPath: String): ValidationResult = ValidationResult.OK

    private companion object {
        const val FOLDER = "fine-tuning"
    }
}
