package dev.tunesmith.core.window

import dev.tunesmith.core.Words
import dev.tunesmith.core.protocol.RunSummary
import dev.tunesmith.core.runs.RunActions
import java.nio.file.Path

/** Writes the model of a run for other programs: asks the user where to, and tells where it is. On the UI thread. */
public class ModelExport(private val words: Words, private val host: IdeHost, private val actions: RunActions) {
    /** The model of the best checkpoint of [run], or of its last one where nothing was measured. */
    public suspend fun best(run: RunSummary): Unit =
        write(run.id, run.name.ifEmpty { run.id }, run.best?.step ?: run.step)

    /** The model of the checkpoint at [step] of the run with the id [run], which people call [name]. */
    internal suspend fun write(run: String, name: String, step: Long) {
        val parent = host.folderToSave(words("export.folder")) ?: return
        val target = parent.resolve("${name.replace(UNSAFE, "-")}-step-$step")
        val written = actions.export(run, step, target)?.folder ?: return
        host.tell(words("export.done", written), isFailure = false, folder = Path.of(written))
    }

    private companion object {
        /** What some file system does not take in a name. */
        val UNSAFE = Regex("""[/\\:*?"<>|\p{Cntrl}]+""")
    }
}
