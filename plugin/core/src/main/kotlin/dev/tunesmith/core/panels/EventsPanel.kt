package dev.tunesmith.core.panels

import dev.tunesmith.core.Words
import dev.tunesmith.core.protocol.Event
import dev.tunesmith.core.swing.scaled
import java.time.ZoneId

/** What kind of event it was; kinds of a newer runtime are shown as they are. */
internal fun kindWords(event: Event, words: Words): String = when {
    event.kind == "state" -> statusWords(event.fields["status"]?.toString().orEmpty(), words)
    event.kind in KNOWN -> words("event.${event.kind}")
    else -> event.kind
}

/** What there is to say of an event besides its kind. */
internal fun eventWords(event: Event): String {
    val bytes = (event.fields["bytes"] as? Number)?.let { bytesWords(it.toLong()) }
    val said = event.fields["message"] ?: event.fields["metrics"] ?: bytes
    val known = setOf("message", "metrics", "status", "code", "best", "path")
    return said?.let(::anyWords)
        ?: if (event.kind == "state") "" else anyWords(event.fields.filterKeys { it !in known }).removePrefix(NOTHING)
}

/** What happened to a run, the newest last: evaluations, checkpoints, warnings, changes of its state. */
internal class EventsPanel(words: Words, zone: ZoneId) {
    val component: TablePanel<Event> = TablePanel(
        words,
        words("event.title"),
        listOf(
            Column("time", words("event.column.time"), { clockWords(it.time, zone) }, by { it.time }, 86),
            Column("step", words("event.column.step"), { countOr(it.step) }, by { it.step }, 60, true),
            Column("kind", words("event.column.kind"), { kindWords(it, words) }, byText { kindWords(it, words) }, 110),
            Column("what", words("event.column.what"), ::eventWords, byText(::eventWords), 400),
        ),
        { it.number },
        emptyList(),
    )

    init {
        component.table.preferredScrollableViewportSize = scaled(WIDTH, HEIGHT)
    }

    /** What a resume took back is left out. */
    fun show(events: List<Event>) {
        component.show(events.filter { it.current })
    }

    private companion object {
        const val WIDTH = 420
        const val HEIGHT = 120
    }
}

private val KNOWN = setOf(
    "evaluation",
    "checkpoint",
    "warning",
    "memory-step-down",
    "non-finite",
    "early-stop",
    "set",
    "report",
    "resumed",
    "chosen",
    "skipped-row",
)
