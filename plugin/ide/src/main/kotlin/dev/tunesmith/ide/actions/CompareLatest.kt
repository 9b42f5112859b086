package dev.tunesmith.ide.actions

import com.intellij.openapi.actionSystem.AnActionEvent
import com.intellij.openapi.project.Project
import dev.tunesmith.core.panels.Intent
import dev.tunesmith.core.runs.RunsState
import dev.tunesmith.ide.window.FineTuningToolWindow

/** Shows in what the two newest runs differ; others are chosen in the tool window. */
internal class CompareLatest : ProjectAction() {
    override fun isPossible(project: Project, event: AnActionEvent): Boolean = newest(project).size == 2

    override fun perform(project: Project, event: AnActionEvent) {
        val two = newest(project)
        FineTuningToolWindow.show(project) { it.take(Intent.Compare(two)) }
    }

    private fun newest(project: Project) =
        (service(project).runs.state.value as? RunsState.Live)?.runs.orEmpty().take(2).map { it.id }
}
