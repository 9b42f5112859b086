package dev.tunesmith.core.curves

import dev.tunesmith.core.chart.LiveSeries
import dev.tunesmith.core.chart.SeriesData
import dev.tunesmith.core.client.RequestRefused
import dev.tunesmith.core.client.ServerEvent
import dev.tunesmith.core.client.TunesmithClient
import dev.tunesmith.core.protocol.Curve
import dev.tunesmith.core.protocol.Methods
import dev.tunesmith.core.protocol.Seen
import dev.tunesmith.core.protocol.SeriesAppended
import dev.tunesmith.core.protocol.SeriesParams
import dev.tunesmith.core.protocol.SubscribeParams
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Job
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.launch

/** The curves of a run by the name of their series. */
public typealias RunCurves = Map<String, SeriesData>

/**
 * The curves of the runs that are looked at: what was there first, as envelopes, then what comes, record by record.
 *
 * A run that is resumed takes back what came after its checkpoint; [LiveSeries] sees to that.
 */
public class CurvesModel(private val client: TunesmithClient) {
    private sealed interface Input {
        data class Begun(val run: String, val curves: List<Curve>) : Input

        data class Appended(val appended: SeriesAppended) : Input

        data class Left(val run: String) : Input
    }

    private val inputs = Channel<Input>(INPUTS)
    private val live = mutableMapOf<String, MutableMap<String, LiveSeries>>()
    private val mutableState = MutableStateFlow<Map<String, RunCurves>>(emptyMap())

    /** The curves by run, an immutable snapshot. */
    public val state: StateFlow<Map<String, RunCurves>> = mutableState.asStateFlow()

    /** Take what comes until [scope] ends. */
    public fun start(scope: CoroutineScope): Job = scope.launch {
        launch(start = CoroutineStart.UNDISPATCHED) {
            client.events.collect { if (it is ServerEvent.Series) inputs.send(Input.Appended(it.appended)) }
        }
        for (input in inputs) take(input)
    }

    /** Look at [run], an id, from now on. A run that is not there is not looked at. */
    public suspend fun follow(run: String) {
        try {
            client.persistently { begin(run) }
        } catch (_: RequestRefused) {
            inputs.send(Input.Left(run))
        }
    }

    /** Look at [run] no more. */
    public suspend fun leave(run: String) {
        inputs.send(Input.Left(run))
        client.leave(this, run)
    }

    private suspend fun begin(run: String) {
        val there = client.request(Methods.series, SeriesParams(run, width = WIDTH)).curves
        inputs.send(Input.Begun(run, there))
        val known = there.associate { it.name to it.records }
        val seen = known.map { (name, records) -> Seen(name, records) }
        val begins = client.subscribe(this, SubscribeParams(run, seen = seen, events = false))
        // A series that appeared between the two requests would be sent from its end.
        if (begins.series.any { it.name !in known && it.records > 0 }) begin(run)
    }

    private fun take(input: Input) {
        when (input) {
            is Input.Begun -> {
                val curves = input.curves.associateTo(mutableMapOf()) { it.name to LiveSeries().apply { restart(it) } }
                live[input.run] = curves
                mutableState.value += input.run to curves.mapValues { it.value.snapshot() }
            }

            is Input.Appended -> append(input.appended)

            is Input.Left -> {
                live.remove(input.run)
                mutableState.value -= input.run
            }
        }
    }

    private fun append(appended: SeriesAppended) {
        val curves = live[appended.run] ?: return
        for (part in appended.parts) curves.getOrPut(part.name) { LiveSeries() }.append(part)
        val known = mutableState.value[appended.run].orEmpty()
        val changed = appended.parts.associate { it.name to curves.getValue(it.name).snapshot() }
        mutableState.value += appended.run to known + changed
    }

    private companion object {
        const val INPUTS = 256
        const val WIDTH = 20_000L
    }
}
