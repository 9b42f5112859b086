package dev.tunesmith.ide.notification

import com.intellij.notification.Notification
import com.intellij.notification.NotificationAction
import com.intellij.openapi.project.Project
import dev.tunesmith.core.protocol.RunStatus
import dev.tunesmith.core.protocol.RunSummary
import dev.tunesmith.core.runs.RunEndings
import dev.tunesmith.core.runs.RunsModel
import dev.tunesmith.core.window.WindowTab
import dev.tunesmith.ide.Messages
import dev.tunesmith.ide.window.FineTuningToolWindow
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.launch

/** One balloon for each run that ends by itself. */
internal class RunNotifications(private val project: Project) {
    fun start(scope: CoroutineScope, runs: RunsModel): Job = scope.launch {
        val endings = RunEndings()
        runs.state.collect { state -> endings.with(state).forEach(::tell) }
    }

    private fun tell(run: RunSummary) {
        val finished = run.status == RunStatus.FINISHED
        val best = run.best?.let { Messages.text("run.best", it.metric, it.value, it.step) }.orEmpty()
        val title = Messages.text("run.${run.status}", run.name)
        Balloons(project).tell(if (finished) best else run.message, isFailure = !finished, title) { balloon ->
            balloon.offer("run.show", run, if (finished) WindowTab.CURVES else WindowTab.LOG)
            if (finished) {
                balloon.offer("run.predict", run, WindowTab.TRY)
                balloon.offer("run.export", run, WindowTab.CHECKPOINTS)
            }
        }
    }

    private fun Notification.offer(key: String, run: RunSummary, tab: WindowTab) {
        addAction(
            NotificationAction.createSimpleExpiring(Messages.text(key)) {
                FineTuningToolWindow.show(project) { it.open(run.id, tab) }
            },
        )
    }
}
