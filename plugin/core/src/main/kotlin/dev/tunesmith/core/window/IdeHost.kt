package dev.tunesmith.core.window

import dev.tunesmith.core.protocol.RunSummary
import java.nio.file.Path

/**
 * What the tool window needs of the program around it. All of it is called on the UI thread; what takes time suspends.
 */
public interface IdeHost {
    /** Show [file] in the editor, a relative path from the project's folder; [line] counts from 1. */
    public fun openPlace(file: String, line: Long?)

    /** Show the folder [path] in the file manager. */
    public fun openFolder(path: String)

    /** Show in a console what [run] prints, as if it had been started there. */
    public fun follow(run: RunSummary)

    /** Show the settings of the plugin, where the interpreter is chosen. */
    public fun openSettings()

    /** Rebuild [step] of the run with the id [run] in the debugger, and stop there. */
    public fun replay(run: String, step: Long)

    /**
     * Begin a new run of the job of [run] from its checkpoint at [step], in the program's own way to start runs.
     * False: it has none of its own, and the server is asked.
     */
    public fun startFrom(run: RunSummary, step: Long): Boolean = false

    /** Whether the user agrees to what cannot be taken back; [action] is what the button for it says. */
    public suspend fun confirm(title: String, question: String, action: String): Boolean

    /** The file to write, [name] if the user wants no other; null if the user gave up. */
    public suspend fun fileToSave(title: String, name: String): Path?

    /** The folder to write into; null if the user gave up. */
    public suspend fun folderToSave(title: String): Path?

    /** A file to read; null if the user gave up. */
    public suspend fun fileToRead(title: String): Path?

    /** Say, beside the user's work, that something was done or could not be done; [folder] is offered to be shown. */
    public fun tell(words: String, isFailure: Boolean, folder: Path? = null)
}
