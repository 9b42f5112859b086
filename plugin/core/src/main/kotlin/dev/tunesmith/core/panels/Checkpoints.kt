package dev.tunesmith.core.panels

import dev.tunesmith.core.Words
import dev.tunesmith.core.chart.countWords
import dev.tunesmith.core.chart.valueWords
import dev.tunesmith.core.protocol.Checkpoint
import dev.tunesmith.core.protocol.KeptAs
import java.time.ZoneId

internal fun checkpointColumns(words: Words, zone: ZoneId, metric: String): List<Column<Checkpoint>> {
    fun heading(name: String) = words("checkpoints.column.$name")
    fun value(checkpoint: Checkpoint) = checkpoint.metrics[metric]
    fun kept(checkpoint: Checkpoint) = checkpoint.kept.joinToString(", ") {
        if (it in KeptAs.ALL) words("checkpoints.kept.$it") else it
    }
    return listOf(
        Column("step", heading("step"), { countWords(it.step) }, by { it.step }, 80, true),
        Column("metric", metric.ifEmpty { heading("metric") }, {
            value(it)?.let { found -> valueWords(found, 4) }
                ?: NOTHING
        }, by { value(it)?.takeIf(Double::isFinite) }, 90, true),
        Column("size", heading("size"), { bytesWords(it.bytes) }, by { it.bytes }, 80, true),
        Column("kept", heading("kept"), ::kept, by(::rank), 170),
        Column("created", heading("created"), { momentWords(it.created, zone) }, by { it.created }, 130),
    )
}

/** What the user keeps first, then the best, then the newest, then what will go. */
private fun rank(checkpoint: Checkpoint): Int? =
    listOf(KeptAs.USER, KeptAs.BEST, KeptAs.NEWEST).indexOfFirst { it in checkpoint.kept }.takeIf { it >= 0 }

private fun areKept(checkpoints: List<Checkpoint>) =
    checkpoints.isNotEmpty() && checkpoints.all { KeptAs.USER in it.kept }

/** The saved states of one run. */
public class CheckpointsPanel(
    private val words: Words,
    private val zone: ZoneId,
    private val intent: (Intent) -> Unit,
) {
    private var run = ""

    public val component: TablePanel<*> get() = table

    internal val table: TablePanel<Checkpoint> =
        TablePanel(words, words("checkpoints.title"), checkpointColumns(words, zone, ""), { it.step }, actions())

    init {
        table.empty = words("checkpoints.empty")
    }

    /** [metric] is the one by which the run's best is chosen. */
    public fun show(run: String, checkpoints: List<Checkpoint>, metric: String) {
        this.run = run
        table.show(checkpointColumns(words, zone, metric), checkpoints)
    }

    private fun actions(): List<RowAction<Checkpoint>> = listOf(
        one("checkpoints.start-from") { Intent.StartFrom(run, it.step) },
        keepOrRelease(),
        one("checkpoints.export") { Intent.Export(run, it.step) },
        one("checkpoints.folder") { Intent.OpenFolder(it.path) },
    )

    private fun keepOrRelease(): RowAction<Checkpoint> =
        RowAction({ words(if (areKept(it)) "checkpoints.release" else "checkpoints.keep") }, "SPACE") { chosen ->
            intent(Intent.Keep(run, chosen.map { it.step }, !areKept(chosen)))
        }

    private fun one(key: String, make: (Checkpoint) -> Intent): RowAction<Checkpoint> =
        RowAction(words(key), null, { it.size == 1 }) { intent(make(it.single())) }
}
