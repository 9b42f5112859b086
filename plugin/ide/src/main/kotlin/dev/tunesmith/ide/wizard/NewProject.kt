package dev.tunesmith.ide.wizard

import com.intellij.execution.RunManager
import com.intellij.execution.configurations.ConfigurationTypeUtil
import com.intellij.ide.impl.ProjectUtil
import com.intellij.ide.trustedProjects.TrustedProjects
import com.intellij.openapi.application.EDT
import com.intellij.openapi.fileEditor.OpenFileDescriptor
import com.intellij.openapi.project.Project
import com.intellij.openapi.vfs.LocalFileSystem
import dev.tunesmith.core.environment.SessionState
import dev.tunesmith.core.environment.Wheel
import dev.tunesmith.core.launch.RunSettings
import dev.tunesmith.core.wizard.Loaded
import dev.tunesmith.core.wizard.ProjectEnvironment
import dev.tunesmith.ide.banner.BannerService
import dev.tunesmith.ide.run.FineTuningConfiguration
import dev.tunesmith.ide.run.FineTuningConfigurationType
import dev.tunesmith.ide.service.FineTuningService
import dev.tunesmith.ide.service.ProjectPython
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import java.nio.file.Path

/**
 * What the user finished the wizard with.
 *
 * @property python The Python that the wizard worked with.
 * @property isOwn Whether the project gets an environment of its own.
 */
internal data class FinishedWizard(val folder: Path, val job: Path, val python: Path, val isOwn: Boolean) {
    companion object {
        /** Null where nothing was made. */
        fun of(state: SessionState): FinishedWizard? {
            val wizard = state.wizard ?: return null
            val made = (wizard.project as? Loaded.Ready)?.value ?: return null
            val python = state.python ?: return null
            val isOwn = wizard.environment == ProjectEnvironment.OWN
            return FinishedWizard(Path.of(made.folder), Path.of(made.job), python, isOwn)
        }
    }
}

/** Opens what the wizard made: the project, its Python, its run configuration, its job file. */
internal class NewProject(private val finished: FinishedWizard, private val wheel: Wheel) {
    /** [inside]: the open project that the folder lies in; null opens the folder as a project. */
    suspend fun open(inside: Project?) {
        val project = inside ?: withContext(Dispatchers.EDT) {
            ProjectUtil.openOrImport(finished.folder, null, true)
        } ?: return
        // The wizard has just made it, in a folder that was empty.
        if (inside == null) TrustedProjects.setProjectTrusted(project, true)
        if (!finished.isOwn) ProjectPython(project).train(finished.python)
        withContext(Dispatchers.EDT) { configure(project) }
        val job = withContext(Dispatchers.IO) {
            LocalFileSystem.getInstance().refreshAndFindFileByNioFile(finished.job)
        }
        if (job != null) withContext(Dispatchers.EDT) { OpenFileDescriptor(project, job, 0, 0).navigate(true) }
        project.getService(FineTuningService::class.java).restart()
        val banner = project.getService(BannerService::class.java)
        if (finished.isOwn) banner.make(finished.python, wheel, finished.folder) else banner.take(finished.python)
    }

    private fun configure(project: Project) {
        val manager = RunManager.getInstance(project)
        val factory = ConfigurationTypeUtil.findConfigurationType(FineTuningConfigurationType::class.java).factory
        val job = RunSettings.storedPath(finished.job.toString().replace('\\', '/'), project.basePath)
        val made = manager.createConfiguration(RunSettings.suggestedName(job).orEmpty(), factory)
        (made.configuration as FineTuningConfiguration).settings = RunSettings(job = job)
        manager.setUniqueNameIfNeeded(made)
        manager.addConfiguration(made)
        manager.selectedConfiguration = made
    }
}
