package dev.tunesmith.core.panels

import dev.tunesmith.core.Words
import dev.tunesmith.core.chart.countWords
import dev.tunesmith.core.chart.valueWords
import dev.tunesmith.core.protocol.Checkpoint
import java.time.ZoneId

internal fun checkpointColumns(words: Words, zone: ZoneId, metric: String): List<Column<Checkpoint>> {
    fun heading(name: String) = words("checkpoints.column.$name")
    fun value(checkpoint: Checkpoint) = checkpoint.metrics[metric]
    fun kept(checkpoint: Checkpoint) = if (checkpoint.best) words("checkpoints.best") else ""
    return listOf(
        Column("step", heading("step"), { countWords(it.step) }, by { it.step }, 80, true),
        Column("metric", metric.ifEmpty { heading("metric") }, {
            value(it)?.let { found -> valueWords(found, 4) }
                ?: NOTHING
        }, by { value(it)?.takeIf(Double::isFinite) }, 90, true),
        Column("size", heading("size"), { bytesWords(it.bytes) }, by { it.bytes }, 80, true),
        Column("kept", heading("kept"), ::kept, by { !it.best }, 120),
        Column("created", heading("created"), { momentWords(it.created, zone) }, by { it.created }, 130),
    )
}

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
        one("checkpoints.export") { Intent.Export(run, it.step) },
        one("checkpoints.folder") { Intent.OpenFolder(it.path) },
    )

    private fun one(key: String, make: (Checkpoint) -> Intent): RowAction<Checkpoint> =
        RowAction(words(key), null, { it.size == 1 }) { intent(make(it.single())) }
}
