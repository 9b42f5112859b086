package dev.tunesmith.ide.notification

import com.intellij.openapi.application.EDT
import com.intellij.openapi.project.Project
import dev.tunesmith.core.panels.withWarnings
import dev.tunesmith.core.protocol.Found
import dev.tunesmith.core.protocol.RunStatus
import dev.tunesmith.core.protocol.RunSummary
import dev.tunesmith.core.runs.RunActions
import dev.tunesmith.core.runs.RunEndings
import dev.tunesmith.core.runs.RunsState
import dev.tunesmith.core.window.ModelExport
import dev.tunesmith.core.window.WindowTab
import dev.tunesmith.ide.Messages
import dev.tunesmith.ide.service.FineTuningService
import dev.tunesmith.ide.window.FineTuningToolWindow
import dev.tunesmith.ide.window.ProjectIdeHost
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext

/** One balloon for each run that ends by itself, and for a file of waiting runs that is not obeyed. */
internal class RunNotifications(private val project: Project, private val service: FineTuningService) {
    fun start(scope: CoroutineScope): Job = scope.launch {
        val endings = RunEndings()
        service.watch({ (it as? RunsState.Live)?.queue?.problem }) { it?.let(::warn) }
        service.runs.state.collect { state -> endings.with(state).forEach(::tell) }
    }

    private fun warn(problem: Found) = Balloons(project).tell(
        listOf(problem.message, problem.hint).filter { it.isNotEmpty() }.joinToString("\n"),
        isFailure = true,
    )

    private fun tell(run: RunSummary) {
        val finished = run.status == RunStatus.FINISHED
        val best = run.best?.let {
            withWarnings(Messages.text("run.best", it.metric, it.value, it.step), run, Messages.words)
        }
        val title = Messages.text("run.${run.status}", run.name)
        // A run that went to its end and learnt nothing says so in its message.
        val text = listOfNotNull(best.takeIf { finished }, run.message.ifEmpty { null }).joinToString("\n")
        Balloons(project).tell(text, isFailure = !finished, title) { balloon ->
            balloon.offer("run.show") { show(run, if (finished) WindowTab.CURVES else WindowTab.LOG) }
            if (finished) {
                balloon.offer("run.predict") { show(run, WindowTab.TRY) }
                balloon.offer("run.export") { export(run) }
            }
        }
    }

    private fun show(run: RunSummary, tab: WindowTab) = FineTuningToolWindow.show(project) { it.open(run.id, tab) }

    private fun export(run: RunSummary) {
        val host = ProjectIdeHost(project, service)
        val actions = RunActions(service.client, Messages.words) { host.tell(it, isFailure = true) }
        service.work { withContext(Dispatchers.EDT) { ModelExport(Messages.words, host, actions).best(run) } }
    }
}
