package dev.tunesmith.core.panels

import dev.tunesmith.core.chart.ExportFormat
import dev.tunesmith.core.protocol.Block

/** What a user asks for in a panel. Panels never do it themselves. */
public sealed interface Intent {
    /** What asks the user, writes files or waits for the server. */
    public sealed interface Slow : Intent

    /** Look at this run: its curves, samples, checkpoints, log. */
    public data class OpenRun(val run: String) : Intent

    /** These runs are chosen in the table, more than one. */
    public data class Choose(val runs: List<String>) : Intent

    /** Draw the run's curves, or no longer. */
    public data class ShowCurves(val run: String, val shown: Boolean) : Intent

    /** See in what these runs differ. */
    public data class Compare(val runs: List<String>) : Intent

    /** A command of the protocol for a run: stop, pause, resume, checkpoint, kill. */
    public data class Command(val run: String, val command: String) : Slow

    public data class Delete(val runs: List<String>) : Slow

    /** The held-out rows behind a cell of the confusion matrix; null takes every label. */
    public data class ShowRows(val run: String, val expected: String?, val predicted: String?) : Intent

    /** The hardest held-out rows again. */
    public data class ShowHardest(val run: String) : Intent

    /** Ask the run's model, and the one before tuning, about each of [texts] or the rows of [file]. */
    public data class Ask(val run: String, val texts: List<String>, val file: String? = null) : Intent

    /** Choose a file of rows, or a picture, to ask the run's model about. */
    public data class AskFile(val run: String) : Slow

    /** Put this input where it can be changed and tried. */
    public data class Try(val run: String, val input: String) : Intent

    /** Open a data file where a row stands. */
    public data class OpenPlace(val file: String, val line: Long?) : Intent

    /** Begin a new run from this checkpoint. */
    public data class StartFrom(val run: String, val step: Long) : Slow

    /** Keep these checkpoints, so that newer ones do not push them out; or, not [isKept], let them go again. */
    public data class Keep(val run: String, val steps: List<Long>, val isKept: Boolean) : Slow

    /** Write the model of a checkpoint for other programs. */
    public data class Export(val run: String, val step: Long) : Slow

    /** Write a chart of a report to a file. */
    public data class SaveChart(val chart: Block, val format: ExportFormat) : Slow

    /** Show in a console what the run prints, as if it had been started there. */
    public data class Follow(val run: String) : Intent

    /** Show a folder in the file manager. */
    public data class OpenFolder(val path: String) : Intent
}
