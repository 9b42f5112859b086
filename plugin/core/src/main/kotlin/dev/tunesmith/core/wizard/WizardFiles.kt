package dev.tunesmith.core.wizard

/** Asks the user for files, in a window of its own. Called on the UI thread; null where the user chose nothing. */
public interface WizardFiles {
    /** A file or a folder with data; [now] is what is chosen so far, or empty. */
    public fun data(now: String): String?

    /** A folder for the project. */
    public fun folder(now: String): String?
}
