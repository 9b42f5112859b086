// Generated from runtime/tunesmith/protocol by tools/generate_protocol.py: change it there.
package dev.tunesmith.core.protocol

/** The values of a field. The server refuses others. */
public object StartMode {
    /** as soon as the device is free and the runs before it are done */
    public const val QUEUE: String = "queue"

    /** at once, whatever else is running */
    public const val NOW: String = "now"

    /** not by the server: the client starts the command of the answer itself, such as under a debugger */
    public const val PREPARE: String = "prepare"

    /** All that this version knows. */
    public val ALL: List<String> = listOf(QUEUE, NOW, PREPARE)
}

/** The values of a field. The server refuses others. */
public object Command {
    /** end with a checkpoint; a run that waits leaves the queue */
    public const val STOP: String = "stop"

    /** end with a checkpoint, to be resumed later; its memory is free */
    public const val PAUSE: String = "pause"

    /** go on from the newest good checkpoint */
    public const val RESUME: String = "resume"

    /** write a checkpoint now and go on */
    public const val CHECKPOINT: String = "checkpoint"

    /** change live values */
    public const val SET: String = "set"

    /** end the worker's process at once; what came after its last checkpoint is lost */
    public const val KILL: String = "kill"

    /** All that this version knows. */
    public val ALL: List<String> = listOf(STOP, PAUSE, RESUME, CHECKPOINT, SET, KILL)
}

/**
 * A checkpoint of another run to begin from.
 *
 * @property run An id, a unique beginning of one, `last`, or a folder.
 * @property step The checkpoint's step; left out: the newest good one.
 */
public data class From(val run: String = "", val step: Long? = null)

/**
 * A job to run.
 *
 * @property job Path or file URI of the job file, absolute or from the workspace's folder.
 * @property overrides KEY=VALUE, such as training.epochs=5.
 * @property name A name for the run; left out: the job's.
 * @property mode When and by whom it is launched.
 * @property startFrom Go on from a checkpoint in a new run; left out: from the beginning.
 * @property environment More environment variables for the worker.
 * @property tags Words to find the run by.
 */
public data class StartParams(
    val job: String = "",
    val overrides: List<String> = emptyList(),
    val name: String? = null,
    val mode: String = "queue",
    val startFrom: From? = null,
    val environment: Map<String, String> = emptyMap(),
    val tags: List<String> = emptyList(),
)

/**
 * The new run.
 *
 * @property run As it stands now.
 * @property warnings What is doubtful about the job.
 * @property position Its place in the queue, from 1; left out where it does not wait.
 * @property command With `prepare`: the command line of the worker.
 * @property environment With `prepare`: what the worker's environment must have.
 * @property folder With `prepare`: the folder to start the worker in.
 */
public data class StartResult(
    val run: RunSummary = RunSummary(),
    val warnings: List<Found> = emptyList(),
    val position: Long? = null,
    val command: List<String> = emptyList(),
    val environment: Map<String, String> = emptyMap(),
    val folder: String? = null,
)

/**
 * What to do with a run.
 *
 * @property run An id, a unique beginning of one, `last`, or a folder.
 * @property command What to do.
 * @property values With `set`: new values, such as {"learning_rate": 1e-4}.
 * @property mode With `resume`: when and by whom it is launched.
 */
public data class CommandParams(
    val run: String = "",
    val command: String = "",
    val values: Map<String, Double> = emptyMap(),
    val mode: String = "queue",
)

/**
 * The run after the command was left for its worker, which takes it between two steps.
 *
 * @property run As it stands now.
 * @property position Its place in the queue, from 1; left out where it does not wait.
 * @property command With `prepare`: the command line of the worker.
 * @property environment With `prepare`: what the worker's environment must have.
 * @property folder With `prepare`: the folder to start the worker in.
 */
public data class CommandResult(
    val run: RunSummary = RunSummary(),
    val position: Long? = null,
    val command: List<String> = emptyList(),
    val environment: Map<String, String> = emptyMap(),
    val folder: String? = null,
)

/**
 * Which checkpoint, and whether it is to stay.
 *
 * @property run An id, a unique beginning of one, `last`, or a folder.
 * @property step The checkpoint's step.
 * @property keep False: no longer; it goes like any other again.
 */
public data class KeepParams(val run: String = "", val step: Long = 0, val keep: Boolean = true)

/**
 * The run's checkpoints after that.
 *
 * @property run The run's id.
 * @property checkpoints Newest first, each with why it stays.
 */
public data class KeepResult(val run: String = "", val checkpoints: List<Checkpoint> = emptyList())
