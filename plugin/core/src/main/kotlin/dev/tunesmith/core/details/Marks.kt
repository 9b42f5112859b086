package dev.tunesmith.core.details

import dev.tunesmith.core.chart.Mark
import dev.tunesmith.core.chart.MarkKind
import dev.tunesmith.core.panels.anyWords
import dev.tunesmith.core.protocol.Event

/** The events that are worth a sign below the curves; what a resume took back is left out. */
internal fun marks(events: List<Event>): List<Mark> = events.mapNotNull { event ->
    val kind = KINDS[event.kind]
    val step = event.step
    if (kind == null || step == null || !event.current) null else Mark(kind, step, event.seconds ?: 0.0, said(event))
}

private fun said(event: Event): String = when (val fields = event.fields["metrics"] ?: event.fields["message"]) {
    is Map<*, *> -> anyWords(fields)
    else -> fields?.toString().orEmpty()
}

private val KINDS = mapOf(
    "checkpoint" to MarkKind.CHECKPOINT,
    "evaluation" to MarkKind.EVALUATION,
    "warning" to MarkKind.WARNING,
    "non-finite" to MarkKind.WARNING,
    "memory-step-down" to MarkKind.MEMORY_STEP_DOWN,
    "resumed" to MarkKind.RESUMED,
)

/** The kinds of events that are worth a sign. */
internal val MARKED_KINDS: List<String> = KINDS.keys.toList()
