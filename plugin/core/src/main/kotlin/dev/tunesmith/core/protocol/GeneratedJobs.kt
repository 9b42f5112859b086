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
 * @property measure Also take some real steps, for time and energy: some seconds. Needs a trusted workspace for code of
 *     its own.
 */
public data class EstimateParams(
    val job: String = "",
    val text: String? = null,
    val overrides: List<String> = emptyList(),
    val measure: Boolean = true,
)

/**
 * At the peak, by what holds it; on a GPU of the device. The parts add up to `total_bytes`.
 *
 * @property totalBytes Everything together. Unit: B.
 * @property weightsBytes The model. Unit: B.
 * @property gradientsBytes Of what is tuned. Unit: B.
 * @property optimizerBytes The optimizer's own state. Unit: B.
 * @property averageBytes The moving average of the weights. Unit: B.
 * @property activationsBytes What a step of the longest batch needs besides. Unit: B.
 * @property checkpointBytes The copy that a checkpoint is written from. Unit: B.
 * @property processBytes Python, libraries, data, the allocator's slack. Unit: B.
 */
public data class MemoryEstimate(
    val totalBytes: Long = 0,
    val weightsBytes: Long = 0,
    val gradientsBytes: Long = 0,
    val optimizerBytes: Long = 0,
    val averageBytes: Long = 0,
    val activationsBytes: Long = 0,
    val checkpointBytes: Long = 0,
    val processBytes: Long = 0,
)

/**
 * What will lie on the disk.
 *
 * @property oneCheckpointBytes One checkpoint. Unit: B.
 * @property keptBytes All checkpoints that are kept. Unit: B.
 * @property mostBytes The most at any time, one half written included. Unit: B.
 * @property seriesBytes The curves. Unit: B.
 * @property freeBytes Room where runs are written. Unit: B.
 */
public data class DiskEstimate(
    val oneCheckpointBytes: Long = 0,
    val keptBytes: Long = 0,
    val mostBytes: Long = 0,
    val seriesBytes: Long = 0,
    val freeBytes: Long = 0,
)

/**
 * By what it is spent on; the parts but `step_s` add up to `total_s`.
 *
 * @property totalS The whole run. Unit: s.
 * @property loadingS Data and model. Unit: s.
 * @property trainingS All steps. Unit: s.
 * @property evaluationS All evaluations. Unit: s.
 * @property checkpointsS All checkpoints. Unit: s.
 * @property reportS The report at the end. Unit: s.
 * @property stepS One step, the mean. Unit: s.
 */
public data class TimeEstimate(
    val totalS: Double = 0.0,
    val loadingS: Double = 0.0,
    val trainingS: Double = 0.0,
    val evaluationS: Double = 0.0,
    val checkpointsS: Double = 0.0,
    val reportS: Double = 0.0,
    val stepS: Double = 0.0,
)

/**
 * A change of the job under which the run fits.
 *
 * @property overrides KEY=VALUE, as `start` takes them.
 * @property message A sentence for the user.
 * @property memoryBytes What the run then needs. Unit: B.
 */
public data class Remedy(val overrides: List<String> = emptyList(), val message: String = "", val memoryBytes: Long = 0)

/**
 * What a run will need. Where something is not known, it is left out, and `notes` say why.
 *
 * @property device Where it would train: cpu, cuda:0, mps.
 * @property precision The number format of the forward pass.
 * @property fits Whether it fits into the memory that is free now.
 * @property freeBytes Memory that is free now. Unit: B.
 * @property memory At the peak.
 * @property hostBytes Main memory of the process, where the device is a GPU. Unit: B.
 * @property disk Checkpoints and curves.
 * @property time How long.
 * @property energyWh The whole run. Unit: Wh.
 * @property parameters Of the model.
 * @property trainableParameters That are tuned.
 * @property rows Training rows, before any remedy for imbalance. Unit: rows.
 * @property labels Different labels, where there are classes.
 * @property steps Updates in the whole run.
 * @property stepsPerEpoch Updates in one pass over the rows.
 * @property evaluations How many.
 * @property checkpoints How many are written.
 * @property measured Whether time and memory come from steps that were really taken.
 * @property notes How it was found and what was left out, in sentences.
 * @property problems What will go wrong, such as memory that is too small.
 * @property remedies What would help.
 */
public data class Estimate(
    val device: String = "",
    val precision: String = "",
    val fits: Boolean? = null,
    val freeBytes: Long? = null,
    val memory: MemoryEstimate? = null,
    val hostBytes: Long? = null,
    val disk: DiskEstimate? = null,
    val time: TimeEstimate? = null,
    val energyWh: Double? = null,
    val parameters: Long? = null,
    val trainableParameters: Long? = null,
    val rows: Long = 0,
    val labels: Long = 0,
    val steps: Long = 0,
    val stepsPerEpoch: Long = 0,
    val evaluations: Long = 0,
    val checkpoints: Long = 0,
    val measured: Boolean = false,
    val notes: List<String> = emptyList(),
    val problems: List<Found> = emptyList(),
    val remedies: List<Remedy> = emptyList(),
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
 * @property model What stands under `model` in a new job for them; left out where only the template has it.
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
    val model: String? = null,
    val labels: List<LabelCount> = emptyList(),
    val problems: List<Found> = emptyList(),
)

/**
 * What to make.
 *
 * @property folder The new or empty folder, an absolute path.
 * @property task What the model is to learn; a template's name. Left out: the most usual one.
 * @property data The user's own file or folder; left out: the template's own data.
 * @property columns Columns by role; others are guessed.
 * @property model What stands under `model`; left out: the template's.
 * @property method What stands under `method`; left out: the template's.
 * @property split What stands under `data.split`, such as `{group: {column: patient}}`; left out: the template's.
 * @property name Name of the job file, without .job.yaml.
 */
public data class NewProjectParams(
    val folder: String = "",
    val task: String = "",
    val data: String? = null,
    val columns: Map<String, List<String>> = emptyMap(),
    val model: String? = null,
    val method: String? = null,
    val split: String? = null,
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
