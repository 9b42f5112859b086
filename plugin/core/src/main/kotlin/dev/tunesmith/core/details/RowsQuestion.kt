package dev.tunesmith.core.details

import dev.tunesmith.core.protocol.ReplayResult
import dev.tunesmith.core.protocol.Samples

/** Which rows are wanted. */
internal sealed interface BehindQuestion {
    val run: String

    /** The held-out rows of a cell of the confusion matrix; null takes every label. */
    data class Cell(override val run: String, val expected: String?, val predicted: String?) : BehindQuestion

    /** The rows that a step was trained on. */
    data class Step(override val run: String, val step: Long) : BehindQuestion
}

/** Rows behind something that was looked at. */
internal sealed interface Behind {
    data class Rows(val samples: Samples) : Behind

    /** A step that was computed again. */
    data class Batch(val step: ReplayResult) : Behind
}
