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
internal class Errands(
    private val words: Words,
    private val desk: Desk,
    private val actions: RunActions,
    private val files: ChartFiles,
) {
    private val models = ModelExport(words, desk, actions)

    suspend fun command(wish: Intent.Command, name: String) {
        val isSure = wish.command != Command.KILL ||
            desk.confirm(words("confirm.kill.title"), words("confirm.kill", name), words("runs.kill"))
        if (isSure) actions.command(wish.run, wish.command)
    }

    suspend fun delete(wish: Intent.Delete, name: String) {
        val count = wish.runs.size
        val question = if (count == 1) words("confirm.delete.one", name) else words("confirm.delete.some", count)
        if (desk.confirm(words("confirm.delete.title"), question, words("runs.delete"))) actions.delete(wish.runs)
    }

    /** The new run's id; null where there is none. */
    suspend fun startFrom(run: RunSummary, step: Long): String? = actions.startFrom(run, step)?.id

    suspend fun keep(wish: Intent.Keep): Unit = actions.keep(wish.run, wish.steps, wish.isKept)

    suspend fun export(wish: Intent.Export, name: String): Unit = models.write(wish.run, name, wish.step)

    suspend fun save(wish: BoardIntent.Export, theme: ChartTheme, font: Font) {
        val file = desk.fileToSave(words("chart.save"), ChartFiles.name(wish.chart, wish.format)) ?: return
        try {
            files.save(wish.chart, wish.format, theme, font, file)
        } catch (failure: IOException) {
            desk.tell(words("chart.not-saved", file.toString(), failure.message.orEmpty()), isFailure = true)
        }
    }

    /** A file of rows, or a picture, to ask a model about; null where the user gave up. */
    suspend fun fileToAsk(): String? = desk.fileToRead(words("try.file.choose"))?.toString()

    /** A place in a file; what the log names from the project's folder is looked for there. */
    fun openPlace(wish: Intent.OpenPlace, project: Path?) {
        val file = Path.of(wish.file)
        desk.openPlace((if (file.isAbsolute || project == null) file else project.resolve(file)).toString(), wish.line)
    }
}
