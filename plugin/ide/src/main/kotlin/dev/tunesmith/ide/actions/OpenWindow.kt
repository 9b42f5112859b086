package dev.tunesmith.ide.actions

import com.intellij.openapi.actionSystem.AnActionEvent
import com.intellij.openapi.project.Project
import dev.tunesmith.ide.window.FineTuningToolWindow

internal class OpenWindow : ProjectAction() {
    override fun perform(project: Project, event: AnActionEvent) = FineTuningToolWindow.show(project)
}
