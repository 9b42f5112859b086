package dev.tunesmith.core.runs

import dev.tunesmith.core.client.ClientState
import dev.tunesmith.core.client.RequestFailure
import dev.tunesmith.core.client.TunesmithClient
import dev.tunesmith.core.protocol.Methods
import dev.tunesmith.core.protocol.QueueParams
import dev.tunesmith.core.protocol.RunsParams
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Job
import kotlinx.coroutines.async
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.collectLatest
import kotlinx.coroutines.launch

/** The project's runs: events of the server and intents of the user go in, [state] comes out. */
public class RunsModel(private val client: TunesmithClient) {
    private val inputs = Channel<RunsInput>(INPUTS)
    private val mutableState = MutableStateFlow<RunsState>(RunsState.Connecting)

    /** How things stand, an immutable snapshot. */
    public val state: StateFlow<RunsState> = mutableState.asStateFlow()

    /** Follow the client until [scope] ends. */
    public fun start(scope: CoroutineScope): Job = scope.launch {
        launch(start = CoroutineStart.UNDISPATCHED) { client.events.collect { inputs.send(RunsInput.Told(it)) } }
        launch {
            client.state.collectLatest { state ->
                inputs.send(RunsInput.Connection(state))
                if (state is ClientState.Ready) list()
            }
        }
        var known = RunsKnowledge()
        for (input in inputs) {
            known = known.after(input)
            mutableState.value = known.view()
        }
    }

    /** The user looks at these runs from now on. */
    public suspend fun select(ids: List<String>) {
        inputs.send(RunsInput.Selected(ids))
    }

    /** So many runs may train at a time from now on. */
    public suspend fun allow(parallel: Long) {
        try {
            client.request(Methods.queue, QueueParams(parallel))
        } catch (_: RequestFailure) {
            return // asked again with the next server
        }
    }

    /** The user wants a server now. */
    public fun retry() {
        client.retry()
    }

    private suspend fun list() {
        try {
            val listed = coroutineScope {
                val queue = async { client.request(Methods.queue, QueueParams()) }
                RunsInput.Listed(client.request(Methods.runs, RunsParams()), queue.await())
            }
            inputs.send(listed)
        } catch (_: RequestFailure) {
            return // the client says what is wrong; the next server is asked again
        }
    }

    private companion object {
        const val INPUTS = 256
    }
}
