// Generated from runtime/tunesmith/protocol by tools/generate_protocol.py: change it there.
package dev.tunesmith.core.protocol

/** The values of a field. There may be more of them one day. */
public object RunStatus {
    /** waits for its turn or for its worker's first word */
    public const val QUEUED: String = "queued"

    /** its worker loads model and data */
    public const val PREPARING: String = "preparing"

    /** its worker trains */
    public const val RUNNING: String = "running"

    /** ended with a checkpoint, to be resumed */
    public const val PAUSED: String = "paused"

    /** trained to its end */
    public const val FINISHED: String = "finished"

    /** ended by an error; `message` says which */
    public const val FAILED: String = "failed"

    /** ended on request, with a checkpoint */
    public const val STOPPED: String = "stopped"

    /** its process is gone; `resume` goes on from its last checkpoint */
    public const val LOST: String = "lost"

    /** All that this version knows. */
    public val ALL: List<String> = listOf(QUEUED, PREPARING, RUNNING, PAUSED, FINISHED, FAILED, STOPPED, LOST)
}

/** The values of a field. There may be more of them one day. */
public object KeptAs {
    /** one of the newest, of which the job's `checkpoints.keep` lets so many stay */
    public const val NEWEST: String = "newest"

    /** that of the best evaluation */
    public const val BEST: String = "best"

    /** a user keeps it, see `tunesmith/keep` */
    public const val USER: String = "user"

    /** All that this version knows. */
    public val ALL: List<String> = listOf(NEWEST, BEST, USER)
}

/**
 * The best evaluation so far.
 *
 * @property metric Its name.
 * @property value Its value.
 * @property step When.
 */
public data class Best(val metric: String = "", val value: Double = 0.0, val step: Long = 0)

/**
 * What a line of a table shows of a run. Times are seconds since 1970.
 *
 * @property id Its folder's name.
 * @property path Its folder.
 * @property status What it does now.
 * @property name For people.
 * @property job The job file it was frozen from; empty where that is not known.
 * @property task What it learns.
 * @property model What it tunes.
 * @property method How it is tuned.
 * @property tags Words to find it by.
 * @property created When it was made. Unit: s.
 * @property updated When its state changed last. Unit: s.
 * @property durationS Training so far, as its newest number says. Unit: s.
 * @property step Updates done.
 * @property totalSteps Updates in all.
 * @property epoch Passes over the training rows done.
 * @property etaS Until its end. Unit: s.
 * @property best The best evaluation so far.
 * @property warningCount How many warnings about data and training to read beside its figures.
 * @property device Where it trains.
 * @property memoryMb At its peak. Unit: MB.
 * @property samplesPerSecond Speed. Unit: 1/s.
 * @property pid Its worker's process.
 * @property host The machine of its worker.
 * @property message What it is about, or why it ended.
 * @property error Code of the error that ended it.
 * @property remedy The command that helps, such as `resume` of a lost run.
 * @property position Its place in the queue, from 1.
 */
public data class RunSummary(
    val id: String = "",
    val path: String = "",
    val status: String = "",
    val name: String = "",
    val job: String = "",
    val task: String = "",
    val model: String = "",
    val method: String = "",
    val tags: List<String> = emptyList(),
    val created: Double = 0.0,
    val updated: Double = 0.0,
    val durationS: Double? = null,
    val step: Long = 0,
    val totalSteps: Long? = null,
    val epoch: Double = 0.0,
    val etaS: Double? = null,
    val best: Best? = null,
    val warningCount: Long = 0,
    val device: String = "",
    val memoryMb: Double? = null,
    val samplesPerSecond: Double? = null,
    val pid: Long? = null,
    val host: String = "",
    val message: String = "",
    val error: String? = null,
    val remedy: String? = null,
    val position: Long? = null,
)

/**
 * Which runs.
 *
 * @property limit Only the newest so many.
 * @property job Only those of this job file.
 */
public data class RunsParams(val limit: Long? = null, val job: String? = null)

/**
 * Runs, newest first.
 *
 * @property runs Newest first.
 * @property root The folder they lie in.
 */
public data class Runs(val runs: List<RunSummary> = emptyList(), val root: String = "")

/**
 * One run.
 *
 * @property run An id, a unique beginning of one, `last`, or a folder.
 */
public data class RunParams(val run: String = "")

/**
 * A saved state of a run.
 *
 * @property step After this step.
 * @property path Its folder.
 * @property bytes Its size. Unit: B.
 * @property created Seconds since 1970. Unit: s.
 * @property best Whether it is that of the best evaluation.
 * @property metrics Of the evaluation at that step.
 * @property kept Why it stays; empty: it goes when the run writes its next one.
 */
public data class Checkpoint(
    val step: Long = 0,
    val path: String = "",
    val bytes: Long = 0,
    val created: Double = 0.0,
    val best: Boolean = false,
    val metrics: Map<String, Double> = emptyMap(),
    val kept: List<String> = emptyList(),
)

/**
 * One curve of a run.
 *
 * @property name loss, learning_rate, validation_loss and so on.
 * @property records How many numbers.
 */
public data class SeriesInfo(val name: String = "", val records: Long = 0)

/**
 * Everything about a run but its numbers.
 *
 * @property run As it stands now.
 * @property settings The frozen job: dotted key to value.
 * @property job The frozen job's text.
 * @property metrics Of the report (`test_NAME`: test rows), or of an evaluation.
 * @property warnings What to be careful about when reading the metrics.
 * @property checkpoints Newest first.
 * @property series Its curves, sorted by name.
 * @property environment Versions, device, git, data fingerprints.
 * @property report Whether there is a report.
 * @property exports Folders of exports inside the run.
 * @property problems Damage that was found.
 */
public data class RunDetail(
    val run: RunSummary = RunSummary(),
    val settings: Map<String, Any?> = emptyMap(),
    val job: String = "",
    val metrics: Map<String, Double> = emptyMap(),
    val warnings: List<String> = emptyList(),
    val checkpoints: List<Checkpoint> = emptyList(),
    val series: List<SeriesInfo> = emptyList(),
    val environment: Map<String, Any?> = emptyMap(),
    val report: Boolean = false,
    val exports: List<String> = emptyList(),
    val problems: List<Found> = emptyList(),
)

/**
 * Which events.
 *
 * @property run An id, a unique beginning of one, `last`, or a folder.
 * @property after Leave out the first so many.
 * @property limit At most so many.
 * @property kinds Only of these kinds; empty: all.
 */
public data class EventsParams(
    val run: String = "",
    val after: Long = 0,
    val limit: Long = 1000,
    val kinds: List<String> = emptyList(),
)

/**
 * Something rare that happened to a run.
 *
 * @property number Its place among the run's events, from 1.
 * @property kind state, evaluation, checkpoint, warning, memory-step-down, non-finite, early-stop, set, ...
 * @property time Seconds since 1970. Unit: s.
 * @property seconds Since the run began. Unit: s.
 * @property step When.
 * @property current False where a resume took it back.
 * @property fields The others, as docs/run-folder.md names them.
 */
public data class Event(
    val number: Long = 0,
    val kind: String = "",
    val time: Double = 0.0,
    val seconds: Double? = null,
    val step: Long? = null,
    val current: Boolean = true,
    val fields: Map<String, Any?> = emptyMap(),
)

/**
 * Events, oldest first.
 *
 * @property events Oldest first.
 * @property total How many the run has.
 */
public data class Events(val events: List<Event> = emptyList(), val total: Long = 0)

/**
 * Which part of a log. Without `offset`: its end.
 *
 * @property run An id, a unique beginning of one, `last`, or a folder.
 * @property offset Begin here; left out: so that the end is in. Unit: B.
 * @property limit At most so much, 4 MB at the highest. Unit: B.
 * @property search Only lines that hold this text, in any case.
 */
public data class LogParams(
    val run: String = "",
    val offset: Long? = null,
    val limit: Long = 262144,
    val search: String = "",
)

/**
 * A piece of a log, whole lines.
 *
 * @property text The lines.
 * @property offset Where they begin. Unit: B.
 * @property end Where they end: the next `offset`. Unit: B.
 * @property size Of the whole log. Unit: B.
 */
public data class Log(val text: String = "", val offset: Long = 0, val end: Long = 0, val size: Long = 0)

/**
 * What to delete.
 *
 * @property runs Ids, unique beginnings of them, or folders.
 * @property purge For good, not into the trash.
 */
public data class DeleteParams(val runs: List<String> = emptyList(), val purge: Boolean = false)

/**
 * What was deleted.
 *
 * @property deleted Ids.
 * @property trash Where they lie now, in the same order; empty after a purge.
 * @property problems Why others were not.
 */
public data class DeleteResult(
    val deleted: List<String> = emptyList(),
    val trash: List<String> = emptyList(),
    val problems: List<Found> = emptyList(),
)

/**
 * Runs to lay side by side.
 *
 * @property runs Two or more: ids, unique beginnings of them, or folders.
 */
public data class CompareParams(val runs: List<String> = emptyList())

/**
 * One thing in which runs differ.
 *
 * @property name The dotted key, the metric, the fingerprint.
 * @property values One for each run, in the order asked; null where a run has none.
 */
public data class Difference(val name: String = "", val values: List<Any?> = emptyList())

/**
 * Only what differs.
 *
 * @property runs In the order asked.
 * @property settings Keys of the job.
 * @property metrics Figures.
 * @property data Fingerprints of data files.
 * @property code The commit that the project stood on.
 * @property environment Versions and device.
 */
public data class Comparison(
    val runs: List<RunSummary> = emptyList(),
    val settings: List<Difference> = emptyList(),
    val metrics: List<Difference> = emptyList(),
    val data: List<Difference> = emptyList(),
    val code: List<Difference> = emptyList(),
    val environment: List<Difference> = emptyList(),
)
