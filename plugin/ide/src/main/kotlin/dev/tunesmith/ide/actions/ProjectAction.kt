package dev.tunesmith.ide.actions

import com.intellij.openapi.actionSystem.ActionUpdateThread
import com.intellij.openapi.actionSystem.AnAction
import com.intellij.openapi.actionSystem.AnActionEvent
import com.intellij.openapi.project.DumbAware
import com.intellij.openapi.project.Project
import dev.tunesmith.ide.service.FineTuningService

/** Something to do with the runs of a project. */
internal abstract class ProjectAction :
    AnAction(),
    DumbAware {
    /** Whether there is something to do. From any thread. */
    protected open fun isPossible(project: Project, event: AnActionEvent): Boolean = true

    /** On the UI thread. */
    protected abstract fun perform(project: Project, event: AnActionEvent)

    protected fun service(project: Project): FineTuningService = project.getService(FineTuningService::class.java)

    override fun getActionUpdateThread(): ActionUpdateThread = ActionUpdateThread.BGT

    override fun update(event: AnActionEvent) {
        val project = event.project
        event.presentation.isEnabled = project != null && isPossible(project, event)
    }

    override fun actionPerformed(event: AnActionEvent) {
        event.project?.let { perform(it, event) }
    }
}
