package dev.tunesmith.core.runs

import dev.tunesmith.core.client.ClientState
import dev.tunesmith.core.client.ServerEvent
import dev.tunesmith.core.protocol.Queue
import dev.tunesmith.core.protocol.RunSummary
import dev.tunesmith.core.protocol.Runs

/** What can happen to the list of runs. */
internal sealed interface RunsInput {
    data class Connection(val state: ClientState) : RunsInput

    data class Told(val event: ServerEvent) : RunsInput

    data class Listed(val runs: Runs, val queue: Queue) : RunsInput

    data class Selected(val ids: List<String>) : RunsInput
}

/** Everything heard so far; [after] makes the next, [view] what of it is shown. No clock, no threads: just values. */
internal data class RunsKnowledge(
    private val connection: ClientState = ClientState.Connecting,
    private val runs: Map<String, RunSummary> = emptyMap(),
    private val gone: Set<String> = emptySet(),
    private val queue: Queue? = null,
    private val root: String? = null,
    private val selected: List<String> = emptyList(),
) {
    fun after(input: RunsInput): RunsKnowledge = when (input) {
        is RunsInput.Connection -> connected(input.state)
        is RunsInput.Told -> told(input.event)
        is RunsInput.Listed -> listed(input)
        is RunsInput.Selected -> copy(selected = input.ids)
    }

    fun view(): RunsState {
        val state = connection
        return when {
            state is ClientState.Lost -> RunsState.Lost(state.since, state.reason, state.log, state.retryIn)

            state is ClientState.Ready && root != null -> RunsState.Live(
                runs.values.sortedWith(compareByDescending(RunSummary::created).thenByDescending(RunSummary::id)),
                selected.filter { it in runs },
                queue ?: Queue(),
                root,
                state.server,
            )

            else -> RunsState.Connecting
        }
    }

    /** A new server lists the runs anew: what was deleted meanwhile must not stay. */
    private fun connected(state: ClientState) = if (state is ClientState.Ready) {
        copy(connection = state)
    } else {
        RunsKnowledge(connection = state, selected = selected)
    }

    private fun told(event: ServerEvent) = when (event) {
        is ServerEvent.Run -> {
            val run = event.change.run
            if (event.change.gone) {
                copy(runs = runs - run.id, gone = gone + run.id)
            } else {
                copy(
                    runs =
                    runs + (run.id to run),
                )
            }
        }

        is ServerEvent.Queue -> copy(queue = event.change.queue)

        else -> this
    }

    /**
     * The list and the queue may be older than what was told while they were on their way; whatever changes later is
     * told as well.
     */
    private fun listed(input: RunsInput.Listed): RunsKnowledge {
        val listed = input.runs.runs.filter { it.id !in gone }.associateBy { it.id }
        val newer = runs.filter { (id, run) -> listed[id]?.let { isNewer(run, it) } ?: true }
        return copy(runs = listed + newer, queue = queue ?: input.queue, root = input.runs.root)
    }

    /** A run whose worker died was told anew though its files are as they were. */
    private fun isNewer(told: RunSummary, listed: RunSummary) =
        compareValuesBy(told, listed, RunSummary::updated, RunSummary::step) >= 0
}
