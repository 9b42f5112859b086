package dev.tunesmith.core.panels

import dev.tunesmith.core.Words
import dev.tunesmith.core.chart.countWords
import dev.tunesmith.core.chart.valueWords
import dev.tunesmith.core.protocol.Command
import dev.tunesmith.core.protocol.RunStatus
import dev.tunesmith.core.protocol.RunSummary
import java.time.ZoneId

/** States in the order in which a list of runs is sorted by them: what is at work first. */
internal val STATUS_ORDER: List<String> = listOf(
    RunStatus.RUNNING,
    RunStatus.PREPARING,
    RunStatus.QUEUED,
    RunStatus.PAUSED,
    RunStatus.LOST,
    RunStatus.FAILED,
    RunStatus.STOPPED,
    RunStatus.FINISHED,
)

/** A line of the table of runs. [slot] is the colour of its curves; null while they are not drawn, see [RunSlots]. */
internal data class RunRow(val run: RunSummary, val slot: Int?, val isPassing: Boolean = false) {
    /** Part of the steps that is done; null while nobody knows how many there will be. */
    val progress: Double? = run.totalSteps?.takeIf { it > 0 }?.let { (run.step.toDouble() / it).coerceIn(0.0, 1.0) }
}

/**
 * Which runs have their curves drawn, each in a colour that stays while others come and go.
 *
 * @property passing The run that is drawn only because it is open: the next one that is opened takes its place.
 */
public data class RunSlots(val slots: Map<String, Int> = emptyMap(), val passing: String? = null) {
    /** [run] is drawn until it is hidden. */
    public fun shown(run: String): RunSlots {
        if (run in slots) return copy(passing = passing.takeIf { it != run })
        val free = generateSequence(0) { it + 1 }.first { it !in slots.values }
        return copy(slots = slots + (run to free))
    }

    public fun hidden(run: String): RunSlots = RunSlots(slots - run, passing.takeIf { it != run })

    /** [run] is drawn while it is open. */
    public fun opened(run: String): RunSlots {
        val rest = passing?.takeIf { it != run }?.let(::hidden) ?: this
        return if (run in rest.slots) rest else rest.shown(run).copy(passing = run)
    }
}

internal fun runRows(runs: List<RunSummary>, slots: RunSlots): List<RunRow> = runs.map {
    RunRow(it, slots.slots[it.id], it.id == slots.passing)
}

internal fun statusWords(status: String, words: Words): String = if (status in
    STATUS_ORDER
) {
    words("run.status.$status")
} else {
    status
}

private fun progressWords(row: RunRow, words: Words): String = when {
    row.run.status == RunStatus.QUEUED -> row.run.position?.let { words("run.position", it.toString()) } ?: NOTHING
    row.progress == null -> if (row.run.step > 0) countWords(row.run.step) else NOTHING
    else -> "${(row.progress * 100).toInt()} %"
}

private fun bestWords(run: RunSummary, words: Words): String =
    run.best?.let { withWarnings("${it.metric} ${valueWords(it.value, 4)}", run, words) } ?: NOTHING

/** A [figure] of a run, with the number of warnings to be read beside it. */
public fun withWarnings(figure: String, run: RunSummary, words: Words): String =
    if (run.warningCount > 0) words("run.warnings", figure, countWords(run.warningCount)) else figure

internal fun isAtWork(run: RunSummary): Boolean = run.status == RunStatus.RUNNING || run.status == RunStatus.PREPARING

internal fun runColumns(words: Words, zone: ZoneId): List<Column<RunRow>> {
    fun heading(name: String) = words("runs.column.$name")
    fun state(row: RunRow) = statusWords(row.run.status, words)
    fun left(row: RunRow) = if (isAtWork(row.run)) row.run.etaS else null
    return listOf(
        Column("curve", heading("curve"), { row ->
            if (row.slot ==
                null
            ) {
                ""
            } else {
                words("runs.drawn")
            }
        }, by { it.slot }, 56, look = Look.SWATCH, isFaint = { it.isPassing }, fraction = { it.slot?.toDouble() }),
        Column("name", heading("name"), { it.run.name.ifEmpty { it.run.id } }, byText { it.run.name }, 150),
        Column(
            "state",
            heading("state"),
            ::state,
            by {
                STATUS_ORDER.indexOf(it.run.status)
            },
            100,
            look = Look.STATUS,
            fraction = { STATUS_ORDER.indexOf(it.run.status).toDouble() },
        ),
        Column("progress", heading("progress"), {
            progressWords(it, words)
        }, by { it.progress }, 80, true, Look.PROGRESS) { if (isAtWork(it.run)) it.progress else null },
        Column("best", heading("best"), {
            bestWords(it.run, words)
        }, by { it.run.best?.value?.takeIf(Double::isFinite) }, 130, true),
        Column("left", heading("left"), { spanWords(left(it)) }, by(::left), 80, true),
        Column("duration", heading("duration"), { spanWords(it.run.durationS) }, by { it.run.durationS }, 80, true),
        Column("device", heading("device"), { it.run.device.ifEmpty { NOTHING } }, byText { it.run.device }, 80),
        Column("tags", heading("tags"), { it.run.tags.joinToString(", ") }, byText { it.run.tags.joinToString() }, 100),
        Column("created", heading("created"), { momentWords(it.run.created, zone) }, by { it.run.created }, 130),
    )
}

/** The table of runs. */
public class RunsPanel(words: Words, zone: ZoneId, private val intent: (Intent) -> Unit) {
    public val component: TablePanel<*> get() = table

    internal val table: TablePanel<RunRow> =
        TablePanel(words, words("runs.title"), runColumns(words, zone), { it.run.id }, actions(words))

    init {
        table.empty = words("runs.empty")
        table.chosen = { rows ->
            val ids = rows.map { it.run.id }
            intent(ids.singleOrNull()?.let { Intent.OpenRun(it) } ?: Intent.Choose(ids))
        }
        table.clicked = { column, row -> if (column == CURVE) toggle(row) }
    }

    /** The user's eye is led to [run]. */
    internal fun choose(run: String) {
        table.choose(run)
    }

    public fun show(runs: List<RunSummary>, slots: RunSlots) {
        table.show(runRows(runs, slots))
    }

    private fun actions(words: Words): List<RowAction<RunRow>> = listOf(
        one(words("runs.open")) { intent(Intent.OpenRun(it.run.id)) },
        RowAction(words("runs.draw"), "SPACE") { rows -> rows.forEach(::toggle) },
        RowAction(words("runs.compare"), "ctrl D", {
            it.size >= 2
        }) { rows -> intent(Intent.Compare(rows.map { it.run.id })) },
        each(words("runs.pause"), Command.PAUSE, ::isAtWork),
        each(words("runs.stop"), Command.STOP) { isAtWork(it) || it.status == RunStatus.QUEUED },
        each(words("runs.checkpoint"), Command.CHECKPOINT) { it.status == RunStatus.RUNNING },
        each(words("runs.resume"), Command.RESUME) { it.status in RESUMABLE },
        each(words("runs.kill"), Command.KILL, ::isAtWork),
        one(words("runs.console")) { intent(Intent.Follow(it.run.id)) },
        one(words("runs.folder")) { intent(Intent.OpenFolder(it.run.path)) },
        RowAction(words("runs.delete"), "DELETE", { rows ->
            rows.none { isAtWork(it.run) }
        }) { rows -> intent(Intent.Delete(rows.map { it.run.id })) },
    )

    private fun toggle(row: RunRow) {
        intent(Intent.ShowCurves(row.run.id, row.slot == null || row.isPassing))
    }

    private fun one(words: String, run: (RunRow) -> Unit): RowAction<RunRow> = RowAction(words, null, {
        it.size == 1
    }) { run(it.single()) }

    private fun each(words: String, command: String, isFor: (RunSummary) -> Boolean): RowAction<RunRow> =
        RowAction(words, null, { rows ->
            rows.all { isFor(it.run) }
        }) { rows -> rows.forEach { intent(Intent.Command(it.run.id, command)) } }

    private companion object {
        const val CURVE = "curve"
        val RESUMABLE = setOf(RunStatus.PAUSED, RunStatus.STOPPED, RunStatus.FAILED, RunStatus.LOST)
    }
}
