// Generated from runtime/tunesmith/protocol by tools/generate_protocol.py: change it there.
package dev.tunesmith.core.protocol

/**
 * How much of a series a client has.
 *
 * @property name Of the series.
 * @property records So many, from its beginning.
 */
public data class Seen(val name: String = "", val records: Long = 0)

/**
 * What to hear of a run from now on. A second subscription to the same run replaces the first.
 *
 * @property run An id, a unique beginning of one, `last`, or a folder.
 * @property series Which curves; `*` is all. Empty: none.
 * @property seen What the client has of them: it is sent what came after. Curves not named here begin at their end.
 * @property log Whether to send what the worker prints.
 * @property logOffset Begin of the log to send; left out: its end. Unit: B.
 * @property events Whether to send events.
 * @property afterEvent The number of the last event known; left out: only new ones.
 */
public data class SubscribeParams(
    val run: String = "",
    val series: List<String> = listOf("*"),
    val seen: List<Seen> = emptyList(),
    val log: Boolean = false,
    val logOffset: Long? = null,
    val events: Boolean = true,
    val afterEvent: Long? = null,
)

/**
 * Where the subscription begins.
 *
 * @property run The run's id.
 * @property series Records that are there and will not be sent.
 * @property logOffset Where the log will go on. Unit: B.
 * @property event Number of the last event that will not be sent.
 */
public data class Subscribed(
    val run: String = "",
    val series: List<Seen> = emptyList(),
    val logOffset: Long = 0,
    val event: Long = 0,
)

/**
 * Of which run nothing more is wanted (but runChanged).
 *
 * @property run An id, a unique beginning of one, `last`, or a folder.
 */
public data class UnsubscribeParams(val run: String = "")

/**
 * Done.
 *
 * @property run The run's id.
 */
public data class Unsubscribed(val run: String = "")

/**
 * A run appeared, changed or went.
 *
 * @property run As it stands now.
 * @property gone Whether its folder is no longer there (deleted).
 */
public data class RunChanged(val run: RunSummary = RunSummary(), val gone: Boolean = false)

/**
 * New records of one curve, all lists of one length. Either each point is a record and `low`, `high`, `count` are
 * empty; or, where a client reads more slowly than a worker writes, points are stretches with their least and greatest
 * value, so that no spike is lost.
 *
 * @property name Of the series.
 * @property first How many records lie before these. Where that is less than the client has: the run was resumed, and
 *     what the client has from there on no longer holds.
 * @property records How many the series has with these.
 * @property step First step of each point.
 * @property seconds Since the run began. Unit: s.
 * @property value The value, or the mean of the stretch's finite values.
 * @property low Least finite value of each stretch; NaN where there is none.
 * @property high Greatest finite value of each stretch; NaN where there is none.
 * @property count Finite values of each stretch.
 * @property nan Values of each stretch that are NaN; empty where there are none.
 * @property plus Values that are +infinity; empty where there are none.
 * @property minus Values that are -infinity; empty where there are none.
 */
public data class SeriesPart(
    val name: String = "",
    val first: Long = 0,
    val records: Long = 0,
    val step: List<Long> = emptyList(),
    val seconds: List<Double> = emptyList(),
    val value: List<Double> = emptyList(),
    val low: List<Double> = emptyList(),
    val high: List<Double> = emptyList(),
    val count: List<Long> = emptyList(),
    val nan: List<Long> = emptyList(),
    val plus: List<Long> = emptyList(),
    val minus: List<Long> = emptyList(),
)

/**
 * New numbers of a run, all its curves together.
 *
 * @property run The run's id.
 * @property parts One for each curve that grew.
 */
public data class SeriesAppended(val run: String = "", val parts: List<SeriesPart> = emptyList())

/**
 * New lines of a log.
 *
 * @property run The run's id.
 * @property text The lines; the last may be unfinished.
 * @property offset Where they begin. Unit: B.
 * @property end Where they end. Unit: B.
 * @property skipped Bytes left out before them, where a client reads slowly. Unit: B.
 */
public data class LogAppended(
    val run: String = "",
    val text: String = "",
    val offset: Long = 0,
    val end: Long = 0,
    val skipped: Long = 0,
)

/**
 * New events of a run.
 *
 * @property run The run's id.
 * @property events Oldest first.
 */
public data class EventsAppended(val run: String = "", val events: List<Event> = emptyList())

/**
 * Who waits now.
 *
 * @property queue The whole queue.
 */
public data class QueueChanged(val queue: Queue = Queue())
