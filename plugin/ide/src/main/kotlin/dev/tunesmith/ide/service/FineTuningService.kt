package dev.tunesmith.ide.service

import com.intellij.openapi.components.Service
import com.intellij.openapi.project.Project
import dev.tunesmith.core.client.ServerEvent
import dev.tunesmith.core.client.TunesmithClient
import dev.tunesmith.core.launch.JobRun
import dev.tunesmith.core.launch.RunSettings
import dev.tunesmith.core.runs.RunsModel
import dev.tunesmith.ide.notification.RunNotifications
import dev.tunesmith.ide.run.JobProcessHandler
import dev.tunesmith.ide.settings.ProjectSettings
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.launch

/** The project's server, its runs and what follows them; everything ends with the project or the plugin. */
@Service(Service.Level.PROJECT)
internal class FineTuningService(private val project: Project, private val scope: CoroutineScope) {
    private val client = TunesmithClient(ProjectServer(project), scope, Dispatchers.IO)
    val runs = RunsModel(client)

    init {
        scope.launch(start = CoroutineStart.UNDISPATCHED) {
            client.events.collect { if (it is ServerEvent.Connected) launch { limitParallelRuns() } }
        }
        RunNotifications(project).start(scope, runs)
        runs.start(scope)
        client.start()
    }

    /** A process, for the IDE, that stands for a run of [settings]; it starts when the IDE is ready to show it. */
    fun process(settings: RunSettings): JobProcessHandler = JobProcessHandler(JobRun(client, settings), scope)

    /** The settings changed. */
    fun restart() {
        client.restart()
    }

    private suspend fun limitParallelRuns() {
        val parallel = project.getService(ProjectSettings::class.java).current.parallel
        if (parallel > 0) runs.allow(parallel.toLong())
    }
}
