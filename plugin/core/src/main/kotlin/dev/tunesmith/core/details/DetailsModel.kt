package dev.tunesmith.core.details

import dev.tunesmith.core.client.ClientState
import dev.tunesmith.core.client.RequestFailure
import dev.tunesmith.core.client.ServerEvent
import dev.tunesmith.core.client.TunesmithClient
import dev.tunesmith.core.protocol.Event
import dev.tunesmith.core.protocol.EventsParams
import dev.tunesmith.core.protocol.LogParams
import dev.tunesmith.core.protocol.Methods
import dev.tunesmith.core.protocol.Report
import dev.tunesmith.core.protocol.ReportParams
import dev.tunesmith.core.protocol.RunParams
import dev.tunesmith.core.protocol.SubscribeParams
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Job
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.MutableSharedFlow
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.collectLatest
import kotlinx.coroutines.launch
import kotlin.time.Duration.Companion.milliseconds

/**
 * Follows the run that is looked at: reads it, hears its events and its log, reads again what an event says has
 * changed. A run that is no longer looked at is not heard of any more; a new server is asked for all of it again.
 */
internal class DetailsModel(private val client: TunesmithClient) {
    private val opened = MutableStateFlow<String?>(null)
    private val changed = MutableSharedFlow<String>(extraBufferCapacity = INPUTS)
    private val mutableState = MutableStateFlow<Details?>(null)

    /** What is known of the run that is looked at; null while there is none. */
    val state: StateFlow<Details?> = mutableState.asStateFlow()

    /** Look at [run], an id, from now on, and at no other; null: at none. */
    fun open(run: String?) {
        opened.value = run
    }

    /** The user has changed something about [run] of which no event tells. */
    fun readAgain(run: String) {
        changed.tryEmit(run)
    }

    /** Follow until [scope] ends. */
    fun start(scope: CoroutineScope): Job = scope.launch {
        opened.collectLatest { run ->
            mutableState.value = run?.let { Details(it) }
            if (run != null) {
                val who = Any()
                try {
                    follow(run, who)
                } finally {
                    scope.launch { client.leave(who, run) }
                }
            }
        }
    }

    private suspend fun follow(run: String, who: Any) = coroutineScope {
        val inputs = Channel<DetailsInput>(INPUTS)
        val stale = Channel<Unit>(Channel.CONFLATED)
        launch(start = CoroutineStart.UNDISPATCHED) {
            client.events.collect { event ->
                inputOf(run, event)?.let { inputs.send(it) }
                if (isNews(run, event)) stale.trySend(Unit)
            }
        }
        launch(start = CoroutineStart.UNDISPATCHED) { changed.collect { if (it == run) stale.trySend(Unit) } }
        launch {
            client.state.collectLatest { state -> if (state is ClientState.Ready) read(run, who, inputs, stale) }
        }
        for (input in inputs) mutableState.value = (mutableState.value ?: Details(run)).after(input)
    }

    private fun inputOf(run: String, event: ServerEvent): DetailsInput? = when (event) {
        is ServerEvent.Events -> DetailsInput.Happened(event.appended.events).takeIf { event.appended.run == run }
        is ServerEvent.Log -> DetailsInput.Printed(event.appended).takeIf { event.appended.run == run }
        else -> null
    }

    /** Whether what was read of the run may no longer hold. */
    private fun isNews(run: String, event: ServerEvent) = when (event) {
        is ServerEvent.Events -> event.appended.run == run
        is ServerEvent.Run -> event.change.run.id == run && event.change.run.status != lastStatus(run)
        else -> false
    }

    private fun lastStatus(run: String) = mutableState.value?.takeIf { it.run == run }?.detail?.run?.status

    /** Everything once, then again whatever changes, until this server is gone. */
    private suspend fun read(run: String, who: Any, inputs: Channel<DetailsInput>, stale: Channel<Unit>) {
        try {
            describe(run, inputs)
            val log = client.request(Methods.log, LogParams(run))
            inputs.send(DetailsInput.LogRead(log))
            val last = happened(run, inputs)
            val wish = SubscribeParams(run, emptyList(), log = true, logOffset = log.end, afterEvent = last)
            client.subscribe(who, wish)
            for (news in stale) {
                describe(run, inputs)
                delay(REST)
            }
        } catch (failure: RequestFailure) {
            inputs.send(DetailsInput.Failed(failure)) // a server that is gone is asked again when it is back
        }
    }

    private suspend fun describe(run: String, inputs: Channel<DetailsInput>) {
        val detail = client.request(Methods.run, RunParams(run))
        inputs.send(DetailsInput.Described(detail))
        val report = if (detail.report) client.request(Methods.report, ReportParams(run)) else Report(run)
        inputs.send(DetailsInput.Reported(report))
    }

    /** All events so far, page by page; the number of the last. */
    private suspend fun happened(run: String, inputs: Channel<DetailsInput>): Long {
        var last = 0L
        do {
            val page: List<Event> = client.request(Methods.events, EventsParams(run, after = last)).events
            inputs.send(DetailsInput.Happened(page))
            last = page.lastOrNull()?.number ?: last
        } while (page.isNotEmpty())
        return last
    }

    private companion object {
        const val INPUTS = 256

        /** A run that evaluates all the time is read again no more often than this. */
        val REST = 250.milliseconds
    }
}
