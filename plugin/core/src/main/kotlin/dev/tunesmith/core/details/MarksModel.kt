package dev.tunesmith.core.details

import dev.tunesmith.core.chart.Mark
import dev.tunesmith.core.client.RequestRefused
import dev.tunesmith.core.client.ServerEvent
import dev.tunesmith.core.client.TunesmithClient
import dev.tunesmith.core.protocol.Event
import dev.tunesmith.core.protocol.EventsParams
import dev.tunesmith.core.protocol.Methods
import dev.tunesmith.core.protocol.SubscribeParams
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Job
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.launch

/** What happened to the runs whose curves are drawn, as marks below them: what was there first, then what comes. */
internal class MarksModel(private val client: TunesmithClient) {
    private sealed interface Input {
        val run: String

        /** Events, oldest first. [isFirst]: the run is looked at from now on. */
        data class Happened(override val run: String, val events: List<Event>, val isFirst: Boolean) : Input

        data class Left(override val run: String) : Input
    }

    private val inputs = Channel<Input>(INPUTS)
    private val known = mutableMapOf<String, List<Event>>()
    private val mutableState = MutableStateFlow<Map<String, List<Mark>>>(emptyMap())

    /** The marks by run, an immutable snapshot. */
    val state: StateFlow<Map<String, List<Mark>>> = mutableState.asStateFlow()

    /** Take what comes until [scope] ends. */
    fun start(scope: CoroutineScope): Job = scope.launch {
        launch(start = CoroutineStart.UNDISPATCHED) {
            client.events.collect { event ->
                if (event !is ServerEvent.Events) return@collect
                inputs.send(Input.Happened(event.appended.run, event.appended.events, isFirst = false))
            }
        }
        for (input in inputs) take(input)
    }

    /** Look at [run], an id, from now on. A run that is not there is not looked at. */
    suspend fun follow(run: String) {
        try {
            client.persistently { begin(run) }
        } catch (_: RequestRefused) {
            inputs.send(Input.Left(run))
        }
    }

    /** Look at [run] no more. */
    suspend fun leave(run: String) {
        inputs.send(Input.Left(run))
        client.leave(this, run)
    }

    private suspend fun begin(run: String) {
        val there = client.request(Methods.events, EventsParams(run, limit = MOST, kinds = MARKED_KINDS)).events
        inputs.send(Input.Happened(run, there, isFirst = true))
        val last = there.lastOrNull()?.number ?: 0
        client.subscribe(this, SubscribeParams(run, series = emptyList(), afterEvent = last))
    }

    private fun take(input: Input) {
        val before = known[input.run]
        when (input) {
            is Input.Left -> {
                known -= input.run
                mutableState.value -= input.run
            }

            is Input.Happened -> {
                val isWanted = input.isFirst || before != null
                val events = input.events.filter { it.kind in MARKED_KINDS }
                if (isWanted && (input.isFirst || events.isNotEmpty())) {
                    val now = before.orEmpty().after(events)
                    known[input.run] = now
                    mutableState.value += input.run to marks(now)
                }
            }
        }
    }

    private companion object {
        const val INPUTS = 256

        /** The server gives no more at once, and no run has as many. */
        const val MOST = 100_000L
    }
}
