package dev.tunesmith.ide.notification

import com.intellij.notification.NotificationGroupManager
import com.intellij.notification.NotificationType
import com.intellij.openapi.project.Project
import dev.tunesmith.core.protocol.RunStatus
import dev.tunesmith.core.protocol.RunSummary
import dev.tunesmith.core.runs.RunEndings
import dev.tunesmith.core.runs.RunsModel
import dev.tunesmith.ide.Messages
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
        val title = Messages.text("run.${run.status}", run.name)
        val best = run.best?.let { Messages.text("run.best", it.metric, it.value, it.step) }.orEmpty()
        NotificationGroupManager.getInstance()
            .getNotificationGroup("Tunesmith")
            .createNotification(title, if (finished) best else run.message, type(finished))
            .notify(project)
    }

    private fun type(finished: Boolean) = if (finished) NotificationType.INFORMATION else NotificationType.WARNING
}
