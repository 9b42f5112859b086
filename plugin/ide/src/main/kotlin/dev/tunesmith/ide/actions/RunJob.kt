package dev.tunesmith.ide.actions

import com.intellij.openapi.actionSystem.AnActionEvent
import com.intellij.openapi.actionSystem.CommonDataKeys
import com.intellij.openapi.project.Project
import dev.tunesmith.core.launch.RunSettings
import dev.tunesmith.ide.run.RunLauncher

/** Runs the job file that is open or chosen. */
internal class RunJob : ProjectAction() {
    override fun isPossible(project: Project, event: AnActionEvent): Boolean = job(project, event) != null

    override fun perform(project: Project, event: AnActionEvent) {
        job(project, event)?.let { RunLauncher(project).run(RunSettings(job = it)) }
    }

    private fun job(project: Project, event: AnActionEvent): String? {
        val file = event.getData(CommonDataKeys.VIRTUAL_FILE) ?: return null
        val isJob = !file.isDirectory && file.isInLocalFileSystem && RunSettings.isJobFile(file.name)
        return if (isJob) RunSettings.storedPath(file.path, project.basePath) else null
    }
}
