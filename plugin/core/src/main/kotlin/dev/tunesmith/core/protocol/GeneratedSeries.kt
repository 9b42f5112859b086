// Generated from runtime/tunesmith/protocol by tools/generate_protocol.py: change it there.
package dev.tunesmith.core.protocol

/** The values of a field. The server refuses others. */
public object Axis {
    /** updates done */
    public const val STEP: String = "step"

    /** since the run began */
    public const val SECONDS: String = "seconds"

    /** All that this version knows. */
    public val ALL: List<String> = listOf(STEP, SECONDS)
}

/**
 * Which curves, which part of them, and how wide they are drawn.
 *
 * @property run An id, a unique beginning of one, `last`, or a folder.
 * @property names Which curves; empty: all.
 * @property width Points, at most 20,000. Unit: px.
 * @property axis What `first` and `last` count, and what points are spread evenly over.
 * @property first Begin of the window; left out: the curve's.
 * @property last End of the window, inclusive; left out: the curve's.
 * @property smoothing Weight of the past in a debiased moving average, 0 (none) to below 1.
 */
public data class SeriesParams(
    val run: String = "",
    val names: List<String> = emptyList(),
    val width: Long = 1000,
    val axis: String = "step",
    val first: Double? = null,
    val last: Double? = null,
    val smoothing: Double = 0.0,
)

/**
 * One curve as stretches of records, all lists of one length. No spike is hidden: it is in `low` or `high`.
 *
 * @property name Of the series.
 * @property records In the whole series.
 * @property firstStep Of the whole series.
 * @property lastStep Of the whole series.
 * @property lastSeconds Of the whole series. Unit: s.
 * @property lastValue Of the whole series.
 * @property step First step of each stretch.
 * @property seconds Time of that step, since the run began. Unit: s.
 * @property low Least finite value; NaN where there is none.
 * @property mean Mean of the finite values; NaN where there is none.
 * @property high Greatest finite value; NaN where there is none.
 * @property count Records.
 * @property notFinite Records that are NaN or infinite; empty where no stretch has one.
 * @property smooth Smoothed value at the end of the stretch; empty unless asked.
 */
public data class Curve(
    val name: String = "",
    val records: Long = 0,
    val firstStep: Long? = null,
    val lastStep: Long? = null,
    val lastSeconds: Double? = null,
    val lastValue: Double? = null,
    val step: List<Long> = emptyList(),
    val seconds: List<Double> = emptyList(),
    val low: List<Double> = emptyList(),
    val mean: List<Double> = emptyList(),
    val high: List<Double> = emptyList(),
    val count: List<Long> = emptyList(),
    val notFinite: List<Long> = emptyList(),
    val smooth: List<Double> = emptyList(),
)

/**
 * The curves that were asked for; those the run does not have are left out.
 *
 * @property run The run's id.
 * @property curves In the order asked, or by name.
 */
public data class SeriesResult(val run: String = "", val curves: List<Curve> = emptyList())
