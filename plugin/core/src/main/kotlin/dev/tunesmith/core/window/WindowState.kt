package dev.tunesmith.core.window

import dev.tunesmith.core.panels.RunSlots
import dev.tunesmith.core.protocol.RunSummary
import dev.tunesmith.core.runs.RunsState

/**
 * The run whose tabs are shown.
 *
 * @property isListed Whether it has been in the list: one that was just started may come into it later.
 */
internal data class OpenRun(val id: String, val isListed: Boolean)

/**
 * Everything that decides what the window shows.
 *
 * @property runs The project's runs, or why they are not known.
 * @property slots The runs whose curves are drawn.
 * @property open Null while there is no run to look at.
 */
internal data class WindowState(
    val runs: RunsState = RunsState.Connecting,
    val slots: RunSlots = RunSlots(),
    val open: OpenRun? = null,
) {
    /** The runs of the list; none while they are not known. */
    val listed: List<RunSummary> get() = (runs as? RunsState.Live)?.runs.orEmpty()

    fun summary(run: String): RunSummary? = listed.firstOrNull { it.id == run }

    /** [run] is looked at; null: none is. */
    fun opening(run: String?): WindowState = when (run) {
        null -> copy(open = null)
        else -> copy(open = OpenRun(run, isListed = summary(run) != null), slots = slots.opened(run))
    }

    /** The runs have changed: those that are gone are not drawn, and where the open one is gone, the newest is opened. */
    fun withRuns(next: RunsState): WindowState {
        if (next !is RunsState.Live) return copy(runs = next)
        val ids = next.runs.mapTo(HashSet()) { it.id }
        val isAwaited = open != null && !open.isListed
        val gone = slots.slots.keys.filter { it !in ids && !(isAwaited && it == open?.id) }
        val kept = copy(runs = next, slots = gone.fold(slots, RunSlots::hidden))
        return when {
            open != null && open.id in ids -> kept.copy(open = open.copy(isListed = true))
            isAwaited -> kept
            else -> kept.opening(next.runs.firstOrNull()?.id)
        }
    }
}
