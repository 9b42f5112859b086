package dev.tunesmith.ide.actions

import com.intellij.openapi.actionSystem.AnActionEvent
import com.intellij.openapi.actionSystem.CommonDataKeys
import com.intellij.openapi.project.Project
import dev.tunesmith.ide.run.RunLauncher
import dev.tunesmith.ide.run.jobOf

/** Runs the job file that is open or chosen. */
internal class RunJob : ProjectAction() {
    override fun isPossible(project: Project, event: AnActionEvent): Boolean = job(project, event) != null

    override fun perform(project: Project, event: AnActionEvent) {
        job(project, event)?.let { RunLauncher(project).runJob(it) }
    }

    private fun job(project: Project, event: AnActionEvent): String? =
        jobOf(event.getData(CommonDataKeys.VIRTUAL_FILE), project)
}
