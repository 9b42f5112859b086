package dev.tunesmith.ide.run

import com.intellij.execution.KillableProcess
import com.intellij.execution.process.ProcessHandler
import com.intellij.execution.process.ProcessOutputType
import dev.tunesmith.core.client.RequestFailure
import dev.tunesmith.core.failure
import dev.tunesmith.core.launch.JobRun
import dev.tunesmith.core.launch.JobRunState
import dev.tunesmith.ide.Messages
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.launch
import java.io.OutputStream

/**
 * A run as the IDE's process: its lines, its end, Stop.
 *
 * The first Stop asks for a checkpoint and an end, the second kills. Closing the tab or the IDE leaves the run alive.
 */
internal class JobProcessHandler(private val run: JobRun, private val scope: CoroutineScope) :
    ProcessHandler(),
    KillableProcess {
    private var following: Job? = null

    override fun startNotify() {
        super.startNotify()
        following = scope.launch {
            launch { for (text in run.output) notifyTextAvailable(text, ProcessOutputType.STDOUT) }
            run.follow()
        }.apply {
            invokeOnCompletion { cause -> if (cause == null) ended() }
        }
    }

    override fun destroyProcessImpl() = ask { run.stop() }

    override fun canKillProcess(): Boolean = true

    override fun killProcess() = ask { run.kill() }

    override fun detachIsDefault(): Boolean = true

    override fun detachProcessImpl() {
        following?.cancel()
        ask { run.leave() }
        notifyProcessDetached()
    }

    override fun getProcessInput(): OutputStream? = null

    private fun ask(what: suspend () -> Unit) {
        scope.launch {
            try {
                what()
            } catch (failure: RequestFailure) {
                say(Messages.text("process.not-told", Messages.words.failure(failure)))
            }
        }
    }

    private fun ended() {
        val state = run.state.value
        if (state is JobRunState.Refused) {
            say(state.lost?.let(Messages::text) ?: state.message)
            state.problems.forEach {
                say(Messages.text("process.problem", it.file.orEmpty(), it.line ?: 0, it.message))
            }
        }
        notifyProcessTerminated(state.status ?: 0)
    }

    private fun say(text: String) = notifyTextAvailable("$text\n", ProcessOutputType.SYSTEM)
}
