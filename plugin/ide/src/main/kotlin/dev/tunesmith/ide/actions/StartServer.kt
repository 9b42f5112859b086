package dev.tunesmith.ide.actions

import com.intellij.openapi.actionSystem.AnActionEvent
import com.intellij.openapi.project.Project

/** Starts the project's server anew; runs go on without it. */
internal class StartServer : ProjectAction() {
    override fun perform(project: Project, event: AnActionEvent) = service(project).restart()
}
