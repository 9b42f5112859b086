package dev.tunesmith.core.details

import dev.tunesmith.core.protocol.ReplayResult
import dev.tunesmith.core.protocol.Samples

/** Which rows are asked for. */
internal sealed interface RowsQuestion {
    val run: String

    /** The held-out rows of a cell of the confusion matrix; null takes every label. */
    data class Cell(override val run: String, val expected: String?, val predicted: String?) : RowsQuestion

    /** The rows that a step was trained on. */
    data class Step(override val run: String, val step: Long) : RowsQuestion
}

/** The rows that a [RowsQuestion] asked for. */
internal sealed interface FoundRows {
    data class HeldOut(val samples: Samples) : FoundRows

    /** Those of a step that was computed again. */
    data class OfStep(val step: ReplayResult) : FoundRows
}
