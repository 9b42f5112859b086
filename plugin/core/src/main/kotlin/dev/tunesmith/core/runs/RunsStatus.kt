package dev.tunesmith.core.runs

import dev.tunesmith.core.Words
import dev.tunesmith.core.chart.countWords
import dev.tunesmith.core.chart.valueWords
import dev.tunesmith.core.panels.countOr
import dev.tunesmith.core.panels.spanWords
import dev.tunesmith.core.panels.withWarnings
import dev.tunesmith.core.protocol.RunStatus
import dev.tunesmith.core.protocol.RunSummary

/**
 * The runs at work, in a few words for a status bar.
 *
 * @property text Empty while nothing is at work.
 * @property details A line for each of them.
 */
public data class RunsStatus(val text: String = "", val details: String = "") {
    public companion object {
        /** What [state] comes to. */
        public fun of(state: RunsState, words: Words): RunsStatus {
            val going = (state as? RunsState.Live)?.runs.orEmpty().filter { it.status in AT_WORK }
            val lines = going.map { line(it, words) }
            return when (going.size) {
                0 -> RunsStatus()
                1 -> RunsStatus(lines.single(), details(going.single(), words))
                else -> RunsStatus(words("status.some", going.size.toString()), lines.joinToString("\n"))
            }
        }

        private fun line(run: RunSummary, words: Words): String {
            val name = run.name.ifEmpty { run.id }
            val steps = run.totalSteps?.takeIf { it > 0 } ?: return words("status.preparing", name)
            val share = (run.step * 100 / steps).coerceIn(0, 100).toInt()
            val left = run.etaS ?: return words("status.share", name, share.toString())
            return words("status.left", name, share.toString(), spanWords(left))
        }

        private fun details(run: RunSummary, words: Words): String {
            val best = run.best?.let {
                withWarnings(words("status.best", it.metric, valueWords(it.value, 4), countWords(it.step)), run, words)
            }
            val step = words("status.step", countWords(run.step), countOr(run.totalSteps))
            return listOfNotNull(step, best).joinToString("\n")
        }

        private val AT_WORK = setOf(RunStatus.PREPARING, RunStatus.RUNNING)
    }
}
