package dev.tunesmith.ide.service

import com.intellij.ide.trustedProjects.TrustedProjects
import com.intellij.openapi.application.EDT
import com.intellij.openapi.components.Service
import com.intellij.openapi.project.Project
import dev.tunesmith.core.client.ClientState
import dev.tunesmith.core.client.ServerEvent
import dev.tunesmith.core.client.TunesmithClient
import dev.tunesmith.core.launch.JobRun
import dev.tunesmith.core.launch.ProjectSigns
import dev.tunesmith.core.launch.RunSettings
import dev.tunesmith.core.runs.RunsModel
import dev.tunesmith.core.runs.RunsState
import dev.tunesmith.ide.editor.EditorHelp
import dev.tunesmith.ide.notification.RunNotifications
import dev.tunesmith.ide.run.JobProcessHandler
import dev.tunesmith.ide.settings.ProjectSettings
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.channels.consumeEach
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import java.nio.file.Path
import java.util.concurrent.atomic.AtomicBoolean

/**
 * The project's server, its runs and what follows them; everything ends with the project or the plugin.
 *
 * Nothing is started before something needs it: see [awake].
 */
@Service(Service.Level.PROJECT)
internal class FineTuningService(private val project: Project, private val scope: CoroutineScope) {
    private val begun = AtomicBoolean()
    private val rootChanges = Channel<Unit>(Channel.CONFLATED)

    /** Talks to the server. */
    val client = TunesmithClient(ProjectServer(project), scope, Dispatchers.IO)

    /** The project's runs; [RunsState.Connecting] until something needs them. */
    val runs = RunsModel(client)

    /** Whether there is a server that answers. */
    val isReady: Boolean get() = client.state.value is ClientState.Ready

    /** From now on there is a server, and runs are followed. */
    fun awake() {
        if (!begun.compareAndSet(false, true)) return
        scope.launch(start = CoroutineStart.UNDISPATCHED) {
            client.events.collect { if (it is ServerEvent.Connected) launch { greet() } }
        }
        scope.launch { client.state.collect { if (it is ClientState.Ready) editorHelp()?.begin() } }
        scope.launch { rootChanges.consumeEach { if (client.relocate()) editorHelp()?.renew() } }
        RunNotifications(project, this).start(scope)
        runs.start(scope)
        client.start()
    }

    /** A process, for the IDE, that stands for a run of [settings]; it starts when the IDE is ready to show it. */
    fun process(settings: RunSettings): JobProcessHandler = process(JobRun(client, settings))

    /** The same for the run with the id [run], which was started before. */
    fun follow(run: String): JobProcessHandler = process(JobRun(client, run))

    /** Do [work] beside the UI; it ends with the project. */
    fun work(work: suspend CoroutineScope.() -> Unit): Job = scope.launch(block = work)

    /** Tell [listener], on the UI thread, what [part] of the runs' state is, now and at each change. */
    fun <T> watch(part: (RunsState) -> T, listener: (T) -> Unit): Job = scope.launch {
        runs.state.map(part).distinctUntilChanged().collect { now -> launch(Dispatchers.EDT) { listener(now) }.join() }
    }

    /** The user wants a server now, and another one if there is one. */
    fun restart() {
        if (begun.get()) client.restart() else awake()
        editorHelp()?.renew()
    }

    /** Interpreter, folder or limits changed. */
    fun settingsChanged() {
        if (begun.get()) restart()
    }

    /** The project may have another interpreter by now. From any thread, as often as one likes. */
    fun rootsChanged() {
        rootChanges.trySend(Unit)
    }

    /** The user has decided about the project: only one that is trusted has a server, and runs that may be followed. */
    fun trustChanged() {
        if (begun.get()) restart() else work { wakeWhereRuns() }
    }

    /** A project with jobs or runs has its server from the beginning; others, and those not trusted, start nothing. */
    suspend fun wakeWhereRuns() {
        val folder = project.basePath?.let { Path.of(it) } ?: return
        if (!TrustedProjects.isProjectTrusted(project)) return
        if (withContext(Dispatchers.IO) { ProjectSigns.found(folder) }) awake()
    }

    private fun process(run: JobRun): JobProcessHandler {
        awake()
        return JobProcessHandler(run, scope)
    }

    private suspend fun greet() {
        val parallel = project.getService(ProjectSettings::class.java).current.parallel
        if (parallel > 0) runs.allow(parallel.toLong())
    }

    private fun editorHelp(): EditorHelp? = EditorHelp.of(project)
}
