package dev.tunesmith.core.window

import dev.tunesmith.core.chart.BestPoint
import dev.tunesmith.core.chart.ChartModel
import dev.tunesmith.core.chart.Curve
import dev.tunesmith.core.chart.Mark
import dev.tunesmith.core.chart.SeriesData
import dev.tunesmith.core.chart.Timeline
import dev.tunesmith.core.curves.RunCurves
import dev.tunesmith.core.protocol.RunSummary

/**
 * The charts of the runs in [slots]: one for each series that any of them has, those that tell most first.
 *
 * @param marks What happened, by run.
 */
internal fun chartModels(
    runs: List<RunSummary>,
    slots: Map<String, Int>,
    curves: Map<String, RunCurves>,
    marks: Map<String, List<Mark>> = emptyMap(),
): List<ChartModel> {
    val drawn = runs.filter { it.id in slots && it.id in curves }.sortedBy { slots[it.id] }
    val series = drawn.flatMap { curves.getValue(it.id).keys }.distinct()
    return series.sortedWith(compareBy(::rank).thenBy { it }).map { name ->
        ChartModel(
            name,
            drawn.mapNotNull { run ->
                val data = curves.getValue(run.id)[name] ?: return@mapNotNull null
                Curve(
                    run.id,
                    run.name.ifEmpty { run.id },
                    slots.getValue(run.id),
                    data,
                    timeline(run),
                    marks = marks[run.id].orEmpty(),
                    best = best(run, name, data),
                )
            },
        )
    }
}

/** The losses, what was measured on held-out rows, everything else. */
private fun rank(series: String): Int = when {
    series == LOSS -> 0
    series == HELD_OUT + LOSS -> 1
    series.startsWith(HELD_OUT) -> 2
    else -> 3
}

private fun timeline(run: RunSummary) = Timeline(run.created, if (run.epoch > 0) run.step / run.epoch else 0.0)

private fun best(run: RunSummary, name: String, data: SeriesData): BestPoint? {
    val best = run.best?.takeIf { name == it.metric || name == HELD_OUT + it.metric } ?: return null
    val at = data.firstAtStep(best.step.toDouble())
    return if (at < data.size) BestPoint(best.step, data.seconds(at), best.value) else null
}

private const val LOSS = "loss"
private const val HELD_OUT = "validation_"
