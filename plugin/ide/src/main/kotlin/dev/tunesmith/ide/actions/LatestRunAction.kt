package dev.tunesmith.ide.actions

import com.intellij.openapi.actionSystem.AnActionEvent
import com.intellij.openapi.project.Project
import dev.tunesmith.core.protocol.Command
import dev.tunesmith.core.runs.RunActions
import dev.tunesmith.core.runs.latestFor
import dev.tunesmith.ide.Messages
import dev.tunesmith.ide.notification.Balloons

/** Gives the newest run that [command] has a meaning for this command. */
internal abstract class LatestRunAction(private val command: String) : ProjectAction() {
    override fun isPossible(project: Project, event: AnActionEvent): Boolean = run(project) != null

    override fun perform(project: Project, event: AnActionEvent) {
        val run = run(project) ?: return
        val service = service(project)
        val actions = RunActions(service.client, Messages.words) { Balloons(project).tell(it, isFailure = true) }
        service.work { actions.command(run.id, command) }
    }

    private fun run(project: Project) = service(project).runs.state.value.latestFor(command)
}

internal class StopLatest : LatestRunAction(Command.STOP)

internal class PauseLatest : LatestRunAction(Command.PAUSE)

internal class ResumeLatest : LatestRunAction(Command.RESUME)
