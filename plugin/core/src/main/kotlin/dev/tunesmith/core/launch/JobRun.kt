package dev.tunesmith.core.launch

import dev.tunesmith.core.client.ClientState
import dev.tunesmith.core.client.Phrase
import dev.tunesmith.core.client.RequestFailure
import dev.tunesmith.core.client.RequestRefused
import dev.tunesmith.core.client.ServerEvent
import dev.tunesmith.core.client.ServerLost
import dev.tunesmith.core.client.TunesmithClient
import dev.tunesmith.core.client.phrase
import dev.tunesmith.core.protocol.Command
import dev.tunesmith.core.protocol.CommandParams
import dev.tunesmith.core.protocol.Found
import dev.tunesmith.core.protocol.LogParams
import dev.tunesmith.core.protocol.Methods
import dev.tunesmith.core.protocol.RunParams
import dev.tunesmith.core.protocol.RunStatus
import dev.tunesmith.core.protocol.RunSummary
import dev.tunesmith.core.protocol.SubscribeParams
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.channels.ReceiveChannel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch

/** How a run that was started here stands. */
public sealed interface JobRunState {
    /** The job is checked and frozen. */
    public data object Starting : JobRunState

    /** It was not started; [lost] says why where that is for want of a server. */
    public data class Refused(val message: String, val problems: List<Found>, val lost: Phrase? = null) : JobRunState

    /** It waits, trains or pauses. */
    public data class Going(val run: RunSummary) : JobRunState

    /** It came to an end. */
    public data class Ended(val run: RunSummary) : JobRunState

    /** As on the command line: 0 finished, 1 failed, 2 bad job, 130 stopped; null while it goes. */
    public val status: Int?
        get() = when (this) {
            is Refused -> BAD_JOB

            is Ended -> when (run.status) {
                RunStatus.FINISHED -> 0
                RunStatus.STOPPED, RunStatus.PAUSED -> STOPPED
                else -> FAILED
            }

            else -> null
        }

    private companion object {
        const val FAILED = 1
        const val BAD_JOB = 2
        const val STOPPED = 130
    }
}

/**
 * Starts a job and follows it to its end, across crashes of the server. Whoever no longer follows it leaves it running.
 */
public class JobRun private constructor(
    private val client: TunesmithClient,
    private val begin: suspend () -> RunSummary,
) {
    /** A new run of [settings]. */
    public constructor(client: TunesmithClient, settings: RunSettings) : this(client, { start(client, settings) })

    /** The run with the id [run], which was started before: by this IDE, another one or on a terminal. */
    public constructor(client: TunesmithClient, run: String) : this(client, { find(client, run) })

    private val mutableState = MutableStateFlow<JobRunState>(JobRunState.Starting)

    // Without a limit: where nobody reads, all else that the server says would have to wait.
    private val printed = Channel<String>(Channel.UNLIMITED)
    private var logEnd = 0L

    /** How it stands. */
    public val state: StateFlow<JobRunState> = mutableState.asStateFlow()

    /** What the worker prints, in pieces and in order; closed when all of it came. */
    public val output: ReceiveChannel<String> get() = printed

    /** Start it unless it was started before, and follow it to its end. */
    public suspend fun follow() {
        try {
            val run = start() ?: return
            coroutineScope {
                val hearing = launch(start = CoroutineStart.UNDISPATCHED) { client.events.collect { hear(run, it) } }
                val wanted = SubscribeParams(run, series = emptyList(), log = true, logOffset = 0, events = false)
                client.persistently { client.subscribe(this@JobRun, wanted) }
                val looking = launch { client.state.collect { if (it is ClientState.Ready) look(run) } }
                mutableState.first { it is JobRunState.Ended }
                hearing.cancelAndJoin()
                looking.cancelAndJoin()
            }
            client.persistently { printRest(run) }
            client.unsubscribe(this, run)
        } catch (failure: RequestFailure) {
            if (mutableState.value is JobRunState.Starting) refuse(failure)
        } finally {
            printed.close()
        }
    }

    /** Hear no more of it; the run goes on. */
    public suspend fun leave() {
        val going = mutableState.value as? JobRunState.Going ?: return
        client.unsubscribe(this, going.run.id)
    }

    /** Ask the run to end with a checkpoint. */
    public suspend fun stop() {
        command(Command.STOP)
    }

    /** End the run's process at once. */
    public suspend fun kill() {
        command(Command.KILL)
    }

    private suspend fun command(word: String) {
        val going = mutableState.first { it !is JobRunState.Starting } as? JobRunState.Going ?: return
        see(client.request(Methods.command, CommandParams(going.run.id, word)).run)
    }

    /** The id of the new run; null where it was refused. */
    private suspend fun start(): String? = try {
        begin().also(::see).id
    } catch (refused: RequestRefused) {
        refuse(refused)
        null
    }

    private fun hear(run: String, event: ServerEvent) {
        when (event) {
            is ServerEvent.Log -> event.appended.let { if (it.run == run) print(it.text, it.offset, it.end) }
            is ServerEvent.Run -> if (event.change.run.id == run) see(event.change.run, event.change.gone)
            else -> Unit
        }
    }

    /** What happened while there was no server was told to nobody. */
    private suspend fun look(run: String) {
        try {
            client.persistently { see(client.request(Methods.run, RunParams(run)).run) }
        } catch (_: RequestRefused) {
            (mutableState.value as? JobRunState.Going)?.let { see(it.run, gone = true) }
        }
    }

    /** An end is final: an answer that was given before it may come after it. */
    private fun see(run: RunSummary, gone: Boolean = false) {
        val ended = gone || run.status in ENDS
        mutableState.update {
            when {
                it is JobRunState.Ended -> it
                ended -> JobRunState.Ended(run)
                else -> JobRunState.Going(run)
            }
        }
    }

    /** Bytes from [offset] to [end] of the log; what came before is left out, for others want some of it again. */
    private fun print(text: String, offset: Long, end: Long) {
        if (end <= logEnd) return
        val known = (logEnd - offset).coerceAtLeast(0).toInt()
        printed.trySend(if (known == 0) text else text.toByteArray().drop(known).toByteArray().decodeToString())
        logEnd = end
    }

    private suspend fun printRest(run: String) {
        while (true) {
            val log = client.request(Methods.log, LogParams(run, offset = logEnd))
            print(log.text, log.offset, log.end)
            if (log.end >= log.size) return
        }
    }

    private fun refuse(failure: RequestFailure) {
        val data = (failure as? RequestRefused)?.data
        val lost = (failure as? ServerLost)?.let { phrase(it.reason, it.log) }
        val message = data?.message ?: failure.message.orEmpty()
        mutableState.value = JobRunState.Refused(message, data?.problems.orEmpty(), lost)
    }

    private companion object {
        suspend fun start(client: TunesmithClient, settings: RunSettings): RunSummary =
            client.request(Methods.start, settings.params(client.newestToStartFrom(settings))).run

        suspend fun find(client: TunesmithClient, run: String): RunSummary =
            client.persistently { client.request(Methods.run, RunParams(run)) }.run

        val ENDS = setOf(RunStatus.FINISHED, RunStatus.FAILED, RunStatus.STOPPED, RunStatus.PAUSED, RunStatus.LOST)
    }
}
