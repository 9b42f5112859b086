// Generated from runtime/tunesmith/protocol by tools/generate_protocol.py: change it there.
package dev.tunesmith.core.protocol

/**
 * A job: a file, and what is changed about it.
 *
 * @property job Path or file URI of the job file, absolute or from the workspace's folder.
 * @property text The job's text where it is not (yet) what the file holds.
 * @property overrides KEY=VALUE, such as training.epochs=5.
 */
public data class JobParams(val job: String = "", val text: String? = null, val overrides: List<String> = emptyList())

/**
 * One label of the training rows.
 *
 * @property label As it stands in the data.
 * @property rows How often. Unit: rows.
 * @property after Weighted sum or rows an epoch, after the job's remedy for imbalance.
 */
public data class LabelCount(val label: String = "", val rows: Long = 0, val after: Double? = null)

/**
 * What is wrong or doubtful, and what was found as far as the job could be read.
 *
 * @property ok Whether the job can run.
 * @property problems Errors first.
 * @property job The job with every default written out.
 * @property rows Rows of train, validation and test. Unit: rows.
 * @property skipped Rows that cannot be used. Unit: rows.
 * @property columns Columns by role.
 * @property labels Labels of the training rows.
 * @property chosen What `auto` chose, by key, with the reason.
 */
public data class CheckResult(
    val ok: Boolean = false,
    val problems: List<Found> = emptyList(),
    val job: Map<String, Any?> = emptyMap(),
    val rows: Map<String, Long?> = emptyMap(),
    val skipped: Long = 0,
    val columns: Map<String, List<String>> = emptyMap(),
    val labels: List<LabelCount> = emptyList(),
    val chosen: Map<String, String> = emptyMap(),
)

/**
 * A job, and how exactly to look.
 *
 * @property job Path or file URI of the job file, absolute or from the workspace's folder.
 * @property text The job's text where it is not (yet) what the file holds.
 * @property overrides KEY=VALUE, such as training.epochs=5.
 * @property measure Also take one real step at the longest batch, for time and energy: some seconds.
 */
public data class EstimateParams(
    val job: String = "",
    val text: String? = null,
    val overrides: List<String> = emptyList(),
    val measure: Boolean = true,
)

/**
 * What a run will need. Where something cannot be said, it is left out.
 *
 * @property device Where it would train: cpu, cuda:0, mps.
 * @property fits Whether it fits into the device's free memory.
 * @property freeBytes The device's free memory now. Unit: B.
 * @property memoryBytes At the peak, everything together. Unit: B.
 * @property weightsBytes Of the model. Unit: B.
 * @property gradientsBytes Of what is tuned. Unit: B.
 * @property optimizerBytes The optimizer's own state. Unit: B.
 * @property activationsBytes Kept between forward and backward of the longest batch. Unit: B.
 * @property otherBytes Python, libraries, buffers. Unit: B.
 * @property checkpointBytes One checkpoint. Unit: B.
 * @property diskBytes All checkpoints that are kept. Unit: B.
 * @property diskFreeBytes Room where runs are written. Unit: B.
 * @property parameters Of the model.
 * @property trainableParameters That are tuned.
 * @property rows Training rows, before any remedy for imbalance. Unit: rows.
 * @property labels Different labels, where there are classes.
 * @property steps Updates in the whole run.
 * @property stepS One step. Unit: s.
 * @property timeS The whole run. Unit: s.
 * @property energyWh The whole run. Unit: Wh.
 * @property measured Whether time comes from a step that was really taken.
 * @property notes How it was found and what was left out, in sentences.
 * @property problems What will go wrong, such as memory that is too small.
 */
public data class Estimate(
    val device: String = "",
    val fits: Boolean? = null,
    val freeBytes: Long? = null,
    val memoryBytes: Long? = null,
    val weightsBytes: Long? = null,
    val gradientsBytes: Long? = null,
    val optimizerBytes: Long? = null,
    val activationsBytes: Long? = null,
    val otherBytes: Long? = null,
    val checkpointBytes: Long? = null,
    val diskBytes: Long? = null,
    val diskFreeBytes: Long? = null,
    val parameters: Long? = null,
    val trainableParameters: Long? = null,
    val rows: Long? = null,
    val labels: Long? = null,
    val steps: Long? = null,
    val stepS: Double? = null,
    val timeS: Double? = null,
    val energyWh: Double? = null,
    val measured: Boolean = false,
    val notes: List<String> = emptyList(),
    val problems: List<Found> = emptyList(),
)

/**
 * A data file to look into before there is a job.
 *
 * @property path File or folder of images, absolute or from the workspace's folder.
 * @property task For which task; left out: the one that fits best is guessed.
 * @property columns Columns by role that the user has chosen.
 * @property rows How many rows to show. Unit: rows.
 */
public data class PreviewParams(
    val path: String = "",
    val task: String? = null,
    val columns: Map<String, List<String>> = emptyMap(),
    val rows: Long = 20,
)

/**
 * One column of a data file.
 *
 * @property name From the header.
 * @property kind text, number, label, image or list.
 * @property distinct Different values among the rows that were read.
 * @property empty Empty cells among the rows that were read. Unit: rows.
 * @property role The role it would play; left out where it would play none.
 */
public data class PreviewColumn(
    val name: String = "",
    val kind: String = "text",
    val distinct: Long = 0,
    val empty: Long = 0,
    val role: String? = null,
)

/**
 * What a data file holds.
 *
 * @property task The task these columns are for: the one asked for, or a guess.
 * @property rows Rows that were read. Unit: rows.
 * @property complete Whether that is all of the file.
 * @property columns All columns, in the file's order.
 * @property cells The first rows; long cells are cut.
 * @property roles Columns by role.
 * @property labels Counts of the label column, most frequent first.
 * @property problems What is missing or doubtful.
 */
public data class Preview(
    val task: String = "",
    val rows: Long = 0,
    val complete: Boolean = true,
    val columns: List<PreviewColumn> = emptyList(),
    val cells: List<List<String>> = emptyList(),
    val roles: Map<String, List<String>> = emptyMap(),
    val labels: List<LabelCount> = emptyList(),
    val problems: List<Found> = emptyList(),
)

/**
 * What to make.
 *
 * @property folder The new or empty folder, an absolute path.
 * @property task What the model is to learn; a template's name.
 * @property data The user's own file or folder; left out: the template's own data.
 * @property columns Columns by role; others are guessed.
 * @property model What stands under `model`; left out: the template's.
 * @property method What stands under `method`; left out: the template's.
 * @property name Name of the job file, without .job.yaml.
 */
public data class NewProjectParams(
    val folder: String = "",
    val task: String = "text-classification",
    val data: String? = null,
    val columns: Map<String, List<String>> = emptyMap(),
    val model: String? = null,
    val method: String? = null,
    val name: String? = null,
)

/**
 * What was made.
 *
 * @property folder The project.
 * @property job Its job file.
 * @property notes What was chosen, in sentences.
 */
public data class NewProjectResult(val folder: String = "", val job: String = "", val notes: List<String> = emptyList())
