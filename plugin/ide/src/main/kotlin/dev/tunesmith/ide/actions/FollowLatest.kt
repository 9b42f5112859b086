package dev.tunesmith.ide.actions

import com.intellij.openapi.actionSystem.AnActionEvent
import com.intellij.openapi.project.Project
import dev.tunesmith.core.runs.RunsState
import dev.tunesmith.ide.run.FollowedRun

/** Shows in a console what the newest run prints, wherever it was started. */
internal class FollowLatest : ProjectAction() {
    override fun isPossible(project: Project, event: AnActionEvent): Boolean = run(project) != null

    override fun perform(project: Project, event: AnActionEvent) {
        run(project)?.let { FollowedRun.show(project, it) }
    }

    private fun run(project: Project) = (service(project).runs.state.value as? RunsState.Live)?.runs?.firstOrNull()
}
