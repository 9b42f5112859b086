package dev.tunesmith.core.runs

import dev.tunesmith.core.protocol.Command
import dev.tunesmith.core.protocol.RunStatus
import dev.tunesmith.core.protocol.RunSummary

/** The newest run for which [command] has a meaning now: what an action without a choice is about; null: none. */
public fun RunsState.latestFor(command: String): RunSummary? {
    val runs = (this as? RunsState.Live)?.runs.orEmpty()
    return when (command) {
        Command.RESUME -> runs.firstOrNull()?.takeIf { it.status in RESUMABLE }
        Command.STOP -> runs.firstOrNull { it.status in GOING }
        else -> runs.firstOrNull { it.status in AT_WORK }
    }
}

private val AT_WORK = setOf(RunStatus.PREPARING, RunStatus.RUNNING)
private val GOING = AT_WORK + RunStatus.QUEUED
private val RESUMABLE = setOf(RunStatus.PAUSED, RunStatus.STOPPED, RunStatus.FAILED, RunStatus.LOST)
