package dev.tunesmith.core.job

/**
 * A key of a job file, as its JSON Schema tells it.
 *
 * @property path Dotted, from the top of the job: `training.optimizer.adamw.beta1`; empty for the job itself.
 * @property help What it is, and what to choose.
 * @property values What may be written, as far as the schema can list it.
 * @property default As it would be written; null where there is none.
 * @property isOpen Whether there may be keys below it that the schema does not name.
 */
public data class JobKey(
    val path: String,
    val help: String = "",
    val values: List<String> = emptyList(),
    val default: String? = null,
    val isOpen: Boolean = false,
    internal val children: Map<String, JobKey> = emptyMap(),
) {
    internal val name: String get() = path.substringAfterLast('.')

    /** What both say of the same key: the data of one task and of another. */
    internal fun with(other: JobKey): JobKey = copy(
        help = help.ifEmpty { other.help },
        values = (values + other.values).distinct(),
        default = default ?: other.default,
        isOpen = isOpen || other.isOpen,
        children = (children.keys + other.children.keys).associateWith { name ->
            listOfNotNull(children[name], other.children[name]).reduce(JobKey::with)
        },
    )
}
