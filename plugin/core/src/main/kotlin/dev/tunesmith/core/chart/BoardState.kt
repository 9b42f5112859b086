package dev.tunesmith.core.chart

import kotlin.math.log10
import kotlin.math.pow
import kotlin.math.roundToInt

/** All charts side by side: the metrics, what they share, and where a scale was moved by hand. */
public data class BoardState(
    val models: List<ChartModel> = emptyList(),
    val shared: Shared = Shared(),
    val scales: Map<String, Interval> = emptyMap(),
    val box: Pair<String, Box>? = null,
) {
    /** One of the charts. A box is shown only where it is being drawn. */
    public fun chart(model: ChartModel): ChartState = ChartState(
        model,
        shared,
        scales[model.metric],
        box?.takeIf {
            it.first ==
                model.metric
        }?.second,
    )

    /** The board after one of its charts was changed by its user: what is shared reaches all of them. */
    public fun with(chart: ChartState): BoardState {
        val metric = chart.model.metric
        val hasMoved =
            chart.shared.x != shared.x || chart.shared.xAxis != shared.xAxis || chart.shared.yScale != shared.yScale
        val isFitted = hasMoved && chart.shared.x == null && chart.y == null
        val isReset = chart.shared.yScale != shared.yScale || isFitted
        val others = if (isReset) emptyMap() else scales - metric
        val scale = chart.y
        return copy(
            shared = chart.shared,
            scales = if (scale == null) others else others + (metric to scale),
            box = chart.box?.let { metric to it },
        )
    }
}

/** Smoothing as a slider shows it, 0 to 100: the last steps before 1 matter most. */
public object SmoothingScale {
    public const val MOST: Int = 100
    private const val POWERS = 3.0

    public fun keep(position: Int): Double = 1.0 - 10.0.pow(-POWERS * position / MOST)

    public fun position(keep: Double): Int = (-log10(1.0 - keep) / POWERS * MOST).roundToInt().coerceIn(0, MOST)
}

/** How a chart can be saved. */
public enum class ExportFormat { PNG, SVG, CSV }

/** What a user wants from the charts that they cannot do themselves. */
public sealed interface BoardIntent {
    public data class Export(val format: ExportFormat, val chart: ChartState) : BoardIntent

    /** Rebuild this step of the run in the debugger. */
    public data class Replay(val runId: String, val step: Long) : BoardIntent

    /** Show the rows that this step was trained on. */
    public data class ShowRows(val runId: String, val step: Long) : BoardIntent
}
