package dev.tunesmith.core.window

import dev.tunesmith.core.Words
import dev.tunesmith.core.chart.BoardIntent
import dev.tunesmith.core.chart.ChartTheme
import dev.tunesmith.core.panels.Intent
import dev.tunesmith.core.protocol.Command
import dev.tunesmith.core.protocol.RunSummary
import dev.tunesmith.core.runs.RunActions
import java.awt.Font
import java.io.IOException
import java.nio.file.Path

/** Does what a user asks for that changes runs or writes files; asks first where it cannot be taken back. */
internal class RunCommands(
    private val words: Words,
    private val host: IdeHost,
    private val actions: RunActions,
    private val files: ChartFiles,
) {
    private val models = ModelExport(words, host, actions)

    suspend fun command(intent: Intent.Command, name: String) {
        val isSure = intent.command != Command.KILL ||
            host.confirm(words("confirm.kill.title"), words("confirm.kill", name), words("runs.kill"))
        if (isSure) actions.command(intent.run, intent.command)
    }

    suspend fun delete(intent: Intent.Delete, name: String) {
        val count = intent.runs.size
        val question = if (count == 1) words("confirm.delete.one", name) else words("confirm.delete.some", count)
        if (host.confirm(words("confirm.delete.title"), question, words("runs.delete"))) actions.delete(intent.runs)
    }

    /** The new run's id; null where there is none. */
    suspend fun startFrom(run: RunSummary, step: Long): String? = actions.startFrom(run, step)?.id

    suspend fun keep(intent: Intent.Keep): Unit = actions.keep(intent.run, intent.steps, intent.isKept)

    suspend fun export(intent: Intent.Export, name: String): Unit = models.write(intent.run, name, intent.step)

    suspend fun save(intent: BoardIntent.Export, theme: ChartTheme, font: Font): Unit =
        save(ChartFiles.name(intent.chart.model.metric, intent.format)) {
            files.save(intent.chart, intent.format, theme, font, it)
        }

    suspend fun save(intent: Intent.SaveChart, theme: ChartTheme, font: Font): Unit =
        save(ChartFiles.name(intent.chart.name, intent.format)) {
            files.save(intent.chart, intent.format, theme, font, it)
        }

    private suspend fun save(name: String, write: suspend (Path) -> Unit) {
        val file = host.fileToSave(words("chart.save"), name) ?: return
        try {
            write(file)
        } catch (failure: IOException) {
            host.tell(words("chart.not-saved", file.toString(), failure.message.orEmpty()), isFailure = true)
        }
    }

    /** A file of rows, or a picture, to ask a model about; null where the user gave up. */
    suspend fun fileToAsk(): String? = host.fileToRead(words("try.file.choose"))?.toString()

    /** A place in a file; what the log names from the project's folder is looked for there. */
    fun openPlace(intent: Intent.OpenPlace, project: Path?) {
        val file = Path.of(intent.file)
        val place = if (file.isAbsolute || project == null) file else project.resolve(file)
        host.openPlace(place.toString(), intent.line)
    }
}
