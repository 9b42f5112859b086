package dev.tunesmith.core.runs

import dev.tunesmith.core.protocol.RunStatus
import dev.tunesmith.core.protocol.RunSummary

/** Notices which runs came to an end between two states; a run that was never seen going does not count. */
public class RunEndings {
    private var going = emptySet<String>()

    /** The runs that ended with [state]. */
    public fun with(state: RunsState): List<RunSummary> {
        if (state !is RunsState.Live) return emptyList() // what ended meanwhile is noticed with the next server
        val ended = state.runs.filter { it.id in going && it.status in ENDS }
        going = going - ended.map { it.id }.toSet() + state.runs.filter { it.status in GOING }.map { it.id }
        return ended
    }

    private companion object {
        val GOING = setOf(RunStatus.QUEUED, RunStatus.PREPARING, RunStatus.RUNNING)
        val ENDS = setOf(RunStatus.FINISHED, RunStatus.FAILED, RunStatus.LOST)
    }
}
