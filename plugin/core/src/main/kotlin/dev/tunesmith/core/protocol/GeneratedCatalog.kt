// Generated from runtime/tunesmith/protocol by tools/generate_protocol.py: change it there.
package dev.tunesmith.core.protocol

/** Nothing to say. */
public class CatalogParams

/**
 * One option of a member or one key of the job.
 *
 * @property name Its key; for keys of the job with their section, such as `training.epochs`.
 * @property help One sentence on what it is.
 * @property advice One sentence on what to choose.
 * @property unit The unit of its value.
 * @property allowed What is allowed, as a phrase.
 * @property required Whether it must be given.
 * @property columns Whether its value names columns of the data.
 * @property default Its value where it is left out; left out where that is nothing.
 * @property schema JSON Schema of its value.
 */
public data class OptionInfo(
    val name: String = "",
    val help: String = "",
    val advice: String = "",
    val unit: String = "",
    val allowed: String = "",
    val required: Boolean = false,
    val columns: Boolean = false,
    val default: Any? = null,
    val schema: Map<String, Any?> = emptyMap(),
)

/**
 * A role that a column of the data plays for a task.
 *
 * @property role The key under `data`.
 * @property help What it is.
 * @property required Whether a job must have it.
 * @property many Whether it may be several columns.
 * @property guesses Usual names, tried where a job names none.
 */
public data class ColumnInfo(
    val role: String = "",
    val help: String = "",
    val required: Boolean = true,
    val many: Boolean = false,
    val guesses: List<String> = emptyList(),
)

/**
 * One thing to choose. Fields that its kind does not have are left out or empty.
 *
 * @property name As a job writes it.
 * @property help One sentence on what it is.
 * @property advice When to choose it.
 * @property aliases Other names that a job may write.
 * @property options What can be set about it.
 * @property formula What it computes.
 * @property source Where it was described.
 * @property targets Losses and tasks: kinds of target (class, classes, number, token).
 * @property metrics Tasks: what can be measured.
 * @property defaultMetric Tasks: what is measured where the job does not say.
 * @property columns Tasks: roles of columns.
 * @property alternatives Tasks: groups of roles of which an input is made; a job needs those of one group.
 * @property models Tasks: sources of models that fit.
 * @property imbalance Tasks: whether `data.imbalance` has a meaning.
 * @property suffixes Readers: endings of file names.
 * @property learningRate Optimizers: where to begin with a pretrained model.
 */
public data class MemberInfo(
    val name: String = "",
    val help: String = "",
    val advice: String = "",
    val aliases: List<String> = emptyList(),
    val options: List<OptionInfo> = emptyList(),
    val formula: String = "",
    val source: String = "",
    val targets: List<String> = emptyList(),
    val metrics: List<String> = emptyList(),
    val defaultMetric: String = "",
    val columns: List<ColumnInfo> = emptyList(),
    val alternatives: List<List<String>> = emptyList(),
    val models: List<String> = emptyList(),
    val imbalance: Boolean = false,
    val suffixes: List<String> = emptyList(),
    val learningRate: Double? = null,
)

/**
 * Everything to choose from, each list sorted by name.
 *
 * @property tasks What a model can learn.
 * @property models Where weights come from.
 * @property methods How a model is tuned.
 * @property losses What is minimised.
 * @property optimizers How weights move.
 * @property schedules How the learning rate moves.
 * @property splits How rows are divided into training, validation and test.
 * @property readers Formats of data.
 * @property templates Tasks that `newProject` has a template for.
 * @property keys All keys of a job but those of members, dotted.
 */
public data class Catalog(
    val tasks: List<MemberInfo> = emptyList(),
    val models: List<MemberInfo> = emptyList(),
    val methods: List<MemberInfo> = emptyList(),
    val losses: List<MemberInfo> = emptyList(),
    val optimizers: List<MemberInfo> = emptyList(),
    val schedules: List<MemberInfo> = emptyList(),
    val splits: List<MemberInfo> = emptyList(),
    val readers: List<MemberInfo> = emptyList(),
    val templates: List<String> = emptyList(),
    val keys: List<OptionInfo> = emptyList(),
)

/** Nothing to say. */
public class JobSchemaParams

/**
 * The JSON Schema of the job file.
 *
 * @property schema JSON Schema, draft 2020-12.
 */
public data class JobSchema(val schema: Map<String, Any?> = emptyMap())
