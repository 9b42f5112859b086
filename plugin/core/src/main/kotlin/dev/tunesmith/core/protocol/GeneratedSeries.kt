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
 * @property width Columns of the drawing, 1 to 20,000. Unit: px.
 * @property axis What `first` and `last` count, and what columns divide evenly.
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
 * One record of a series.
 *
 * @property step Updates done.
 * @property seconds Since the run began. Unit: s.
 * @property value The number.
 */
public data class Point(val step: Long = 0, val seconds: Double = 0.0, val value: Double = 0.0)

/**
 * One curve in columns from left to right, all lists of one length; columns without a record are left out.
 *
 * No spike is hidden: it is in `low` or `high`.
 *
 * @property name Of the series.
 * @property records In the whole series.
 * @property first The series' first record.
 * @property last The series' last record.
 * @property before The last record before the window.
 * @property after The first record after the window.
 * @property column The column's number, from 0. Unit: px.
 * @property step Step of the column's first record.
 * @property seconds Time of that record, since the run began. Unit: s.
 * @property low Least finite value; NaN where there is none.
 * @property mean Mean of the finite values; NaN where there is none.
 * @property high Greatest finite value; NaN where there is none.
 * @property count Finite values.
 * @property nan Values that are NaN; empty where there are none in the window.
 * @property plus Values that are +infinity; empty where there are none.
 * @property minus Values that are -infinity; empty where there are none.
 * @property smooth Moving average of the means; empty unless asked.
 */
public data class Curve(
    val name: String = "",
    val records: Long = 0,
    val first: Point? = null,
    val last: Point? = null,
    val before: Point? = null,
    val after: Point? = null,
    val column: List<Long> = emptyList(),
    val step: List<Long> = emptyList(),
    val seconds: List<Double> = emptyList(),
    val low: List<Double> = emptyList(),
    val mean: List<Double> = emptyList(),
    val high: List<Double> = emptyList(),
    val count: List<Long> = emptyList(),
    val nan: List<Long> = emptyList(),
    val plus: List<Long> = emptyList(),
    val minus: List<Long> = emptyList(),
    val smooth: List<Double> = emptyList(),
)

/**
 * The curves that were asked for; those the run does not have are left out.
 *
 * @property run The run's id.
 * @property curves In the order asked, or by name.
 */
public data class SeriesResult(val run: String = "", val curves: List<Curve> = emptyList())
