package dev.tunesmith.core.wizard

import dev.tunesmith.core.protocol.Catalog
import dev.tunesmith.core.protocol.Estimate
import dev.tunesmith.core.protocol.MemberInfo
import dev.tunesmith.core.protocol.NewProjectParams
import dev.tunesmith.core.protocol.NewProjectResult
import dev.tunesmith.core.protocol.OptionInfo
import dev.tunesmith.core.protocol.Preview
import dev.tunesmith.core.protocol.PreviewParams

/** The pages, in their order. */
public enum class Step { DATA, TASK, MODEL, METHOD, PLACE }

/** Which Python the project gets: the one that the wizard works with, or a new one in the project's folder. */
public enum class ProjectEnvironment { SHARED, OWN }

/** Something that the server is asked for. */
public sealed interface Loaded<out T> {
    public data object Missing : Loaded<Nothing>

    public data object Loading : Loaded<Nothing>

    public data class Ready<T>(val value: T) : Loaded<T>

    /** [message] comes from the server, in its words; [hint] says what helps. */
    public data class Failed(val message: String, val hint: String) : Loaded<Nothing>
}

internal val <T> Loaded<T>.orNull: T? get() = (this as? Loaded.Ready)?.value

/**
 * Everything that was chosen so far. Nothing of it is on the disk: the one request that writes is made by Finish.
 *
 * @property data The user's own file or folder; null takes the data that come with the task's template.
 * @property columns Columns by role, as far as the user has chosen them; others are guessed.
 * @property split How rows are divided; null: as the task does.
 * @property splitColumns The columns that the split goes by, by its options.
 * @property task Null follows the guess from the data.
 * @property model What stands under `model`; null takes the template's.
 * @property method What stands under `method`; null takes the template's.
 * @property folder The new or empty folder.
 * @property estimates What a run would need, by the text of its job.
 */
public data class WizardState(
    val step: Step = Step.DATA,
    val catalog: Loaded<Catalog> = Loaded.Missing,
    val data: String? = null,
    val preview: Loaded<Preview> = Loaded.Missing,
    val columns: Map<String, List<String>> = emptyMap(),
    val split: String? = null,
    val splitColumns: Map<String, String> = emptyMap(),
    val task: String? = null,
    val model: String? = null,
    val method: String? = null,
    val folder: String = "",
    val name: String = "",
    val environment: ProjectEnvironment = ProjectEnvironment.SHARED,
    val estimates: Map<String, Loaded<Estimate>> = emptyMap(),
    val project: Loaded<NewProjectResult> = Loaded.Missing,
    val isCancelled: Boolean = false,
) {
    /** The task that is chosen or, until one is, the one that the data look made for. */
    public val chosenTask: String? get() = task ?: preview.orNull?.task?.takeIf { it.isNotEmpty() }

    /** Tasks that a project can be made for. */
    public val tasks: List<MemberInfo> get() {
        val found = catalog.orNull ?: return emptyList()
        return found.tasks.filter { it.name in found.templates }
    }

    public val splits: List<MemberInfo> get() = catalog.orNull?.splits.orEmpty()

    /** Options of the chosen split that name a column. */
    internal val splitOptions: List<OptionInfo>
        get() = splits.firstOrNull { it.name == split }?.options.orEmpty().filter { it.columns }

    public val methods: List<MemberInfo> get() = catalog.orNull?.methods.orEmpty()

    /** The columns that count: those chosen, else those guessed. */
    public val roles: Map<String, List<String>> get() = preview.orNull?.roles.orEmpty() + columns

    /** The model that is chosen or, until one is, what a new job for these columns begins with; else the template's, null. */
    public val chosenModel: String? get() = model ?: preview.orNull?.model

    internal val taskInfo: MemberInfo? get() = tasks.firstOrNull { it.name == chosenTask }

    internal val previewParams: PreviewParams? get() = data?.let {
        PreviewParams(path = it, task = task, columns = columns)
    }

    internal val projectParams: NewProjectParams get() = NewProjectParams(
        folder = folder,
        task = chosenTask.orEmpty(),
        data = data,
        columns = if (data == null) emptyMap() else roles,
        model = chosenModel,
        method = method,
        split = if (data == null) null else splitText(),
        name = name.ifEmpty { null },
    )
}

internal const val SCRATCH: String = "scratch"

/** What keeps the user on a page: a key of the bundle with what is filled in. */
public data class Obstacle(val key: String, val arguments: List<String> = emptyList())

/** What is still wrong on a page; empty when the user may go on. */
public fun WizardState.obstacles(at: Step): List<Obstacle> = when (at) {
    Step.DATA -> dataObstacles()
    Step.TASK -> taskObstacles()
    Step.MODEL -> if (model != null && model.isBlank()) listOf(Obstacle("wizard.obstacle.model")) else emptyList()
    Step.METHOD -> emptyList()
    Step.PLACE -> placeObstacles()
}

public val WizardState.canGoOn: Boolean get() = step != Step.PLACE && obstacles(step).isEmpty()

/** Whether everything is chosen, on whatever page the user is, and nothing was made yet. */
public val WizardState.canFinish: Boolean
    get() = Step.entries.all { obstacles(it).isEmpty() } && (project is Loaded.Missing || project is Loaded.Failed)

private fun WizardState.dataObstacles(): List<Obstacle> = when {
    data == null -> emptyList()
    data.isBlank() -> listOf(Obstacle("wizard.obstacle.data"))
    preview is Loaded.Failed -> listOf(Obstacle("wizard.obstacle.unreadable", listOf(preview.message)))
    preview !is Loaded.Ready -> listOf(Obstacle("wizard.obstacle.reading"))
    preview.value.rows == 0L -> listOf(Obstacle("wizard.obstacle.no-rows"))
    else -> emptyList()
}

private fun WizardState.taskObstacles(): List<Obstacle> {
    val info = taskInfo ?: return listOf(Obstacle("wizard.obstacle.task"))
    if (data == null) return emptyList()
    fun isGiven(role: String) = !roles[role].isNullOrEmpty()
    val missing = info.columns.filter { it.required && !isGiven(it.role) }
    val groups = info.alternatives.ifEmpty { info.columns.map { listOf(it.role) } }
    return when {
        missing.isNotEmpty() -> missing.map { Obstacle("wizard.obstacle.column", listOf(it.role, it.help)) }

        groups.isNotEmpty() && groups.none { it.all(::isGiven) } ->
            listOf(Obstacle("wizard.obstacle.input", listOf(groups.joinToString(" / ") { it.joinToString(" + ") })))

        else -> splitOptions.filter { it.required && it.name !in splitColumns }
            .map { Obstacle("wizard.obstacle.split", listOf(it.help)) }
    }
}

private fun WizardState.placeObstacles(): List<Obstacle> = listOfNotNull(
    if (folder.isBlank()) {
        Obstacle("wizard.obstacle.folder")
    } else if (!isAbsolute(folder)) {
        Obstacle("wizard.obstacle.absolute", listOf(folder))
    } else {
        null
    },
    if (name.any { it in "/\\:*?\"<>|" || it < ' ' } ||
        name.startsWith('.')
    ) {
        Obstacle("wizard.obstacle.name", listOf(name))
    } else {
        null
    },
)

/** On this system or on another: the server has the last word. */
private fun isAbsolute(path: String): Boolean =
    path.startsWith('/') || path.startsWith("\\\\") || Regex("[A-Za-z]:[\\\\/].*").matches(path)
