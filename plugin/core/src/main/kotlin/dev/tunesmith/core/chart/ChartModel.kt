package dev.tunesmith.core.chart

/** What runs along the horizontal axis. */
public enum class XAxis { STEP, EPOCH, RELATIVE_TIME, WALL_TIME }

/** How values are laid out along the vertical axis. */
public enum class YScale { LINEAR, LOG }

/** Something that happened in a run and is worth a sign below its curve. */
public enum class MarkKind { CHECKPOINT, EVALUATION, WARNING, MEMORY_STEP_DOWN, RESUMED }

/** One such thing; [words] say what, for the read-out. */
public data class Mark(val kind: MarkKind, val step: Long, val seconds: Double, val words: String)

/** The value that counts as the best of a run. */
public data class BestPoint(val step: Long, val seconds: Double, val value: Double)

/** Where a run stands in time: [startedAt] in seconds since 1970; [stepsPerEpoch] 0 as long as it is not known. */
public data class Timeline(val startedAt: Double = 0.0, val stepsPerEpoch: Double = 0.0)

/** One run's curve. [slot] chooses its colour and stays the same while other runs come and go. */
public data class Curve(
    val runId: String,
    val name: String,
    val slot: Int,
    val data: SeriesData,
    val timeline: Timeline = Timeline(),
    val smoothed: Smoothed? = null,
    val marks: List<Mark> = emptyList(),
    val best: BestPoint? = null,
) {
    internal fun x(axis: XAxis, step: Long, seconds: Double): Double = when (axis) {
        XAxis.STEP -> step.toDouble()
        XAxis.EPOCH -> if (timeline.stepsPerEpoch > 0.0) step / timeline.stepsPerEpoch else Double.NaN
        XAxis.RELATIVE_TIME -> seconds
        XAxis.WALL_TIME -> timeline.startedAt + seconds
    }

    internal fun x(axis: XAxis, index: Int): Double = x(axis, data.step(index), data.seconds(index))

    /** Where the last entry ends: as far from its beginning as the one before it reached. */
    internal fun endX(axis: XAxis): Double {
        val last = data.size - 1
        val x = x(axis, last)
        return if (last > 0 && data.count(last) > 1) x + (x - x(axis, last - 1)) else x
    }

    /** The first entry at or after [x]; the series' size if there is none, or if the axis is not known of this run. */
    internal fun firstAt(axis: XAxis, x: Double): Int = when (axis) {
        XAxis.STEP -> data.firstAtStep(x)
        XAxis.EPOCH -> if (timeline.stepsPerEpoch > 0.0) data.firstAtStep(x * timeline.stepsPerEpoch) else data.size
        XAxis.RELATIVE_TIME -> data.firstAtSeconds(x)
        XAxis.WALL_TIME -> data.firstAtSeconds(x - timeline.startedAt)
    }

    /** Whether there is anything to draw along [axis]. */
    internal fun isOn(axis: XAxis): Boolean = !data.isEmpty && (axis != XAxis.EPOCH || timeline.stepsPerEpoch > 0.0)

    /** The entry nearest to [x]; null where nothing is drawn. */
    internal fun nearest(axis: XAxis, x: Double): Int? {
        if (!isOn(axis)) return null
        val after = firstAt(axis, x)
        return when {
            after == 0 -> 0
            after == data.size -> after - 1
            x - x(axis, after - 1) <= x(axis, after) - x -> after - 1
            else -> after
        }
    }
}

/** The curves of one metric, one for each run that has it. */
public data class ChartModel(val metric: String, val curves: List<Curve> = emptyList()) {
    /** The same with every curve smoothed; 0 takes the smoothing away. Works through all data: not on the UI thread. */
    public fun smoothedBy(keep: Double): ChartModel = copy(
        curves = curves.map { curve ->
            val before = curve.smoothed
            val after = when {
                keep <= 0.0 -> null
                before != null && before.keep == keep -> before.extendedTo(curve.data)
                else -> Smoothed.of(curve.data, keep)
            }
            curve.copy(smoothed = after)
        },
    )
}

/** What part of an axis is shown. */
public data class Interval(val from: Double, val to: Double) {
    public val length: Double get() = to - from

    public operator fun contains(value: Double): Boolean = value in from..to
}

/**
 * What all charts of a board have in common.
 *
 * @property x Null while all of it is shown.
 * @property cursor A place on that axis.
 * @property open The run that is looked at, an id.
 * @property pointed The run whose curve is nearest to the pointer, an id; null while there is no pointer.
 */
public data class Shared(
    val xAxis: XAxis = XAxis.STEP,
    val yScale: YScale = YScale.LINEAR,
    val smoothing: Double = 0.0,
    val x: Interval? = null,
    val cursor: Double? = null,
    val open: String? = null,
    val pointed: String? = null,
)

/** A box that is being drawn, from where it began to where it is now; [fromY] and [toY] are null for the full height. */
public data class Box(val fromX: Double, val toX: Double, val fromY: Double? = null, val toY: Double? = null) {
    public val x: Interval get() = Interval(minOf(fromX, toX), maxOf(fromX, toX))
    public val y: Interval? get() = if (fromY == null ||
        toY == null
    ) {
        null
    } else {
        Interval(minOf(fromY, toY), maxOf(fromY, toY))
    }
}

/** One chart as it is shown. [y] is null while the scale follows the data. */
public data class ChartState(
    val model: ChartModel,
    val shared: Shared = Shared(),
    val y: Interval? = null,
    val box: Box? = null,
)
