package dev.tunesmith.core.window

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.launch

/** Sees to it that just those runs are followed that are drawn. For one thread only. */
internal class FollowedRuns(
    private val begin: suspend (run: String) -> Unit,
    private val leave: suspend (run: String) -> Unit,
) {
    private val jobs = mutableMapOf<String, Job>()
    private var followed = emptySet<String>()

    /** From now on these [runs]; requests are made in [scope]. */
    fun follow(runs: Set<String>, scope: CoroutineScope) {
        (runs - followed).forEach { run -> next(run, scope) { begin(run) } }
        (followed - runs).forEach { run -> next(run, scope) { leave(run) } }
        followed = runs
    }

    /** What was asked for a run before is given up or finished first. */
    private fun next(run: String, scope: CoroutineScope, what: suspend () -> Unit) {
        val before = jobs.remove(run)
        jobs[run] = scope.launch {
            before?.cancelAndJoin()
            what()
        }
    }
}
