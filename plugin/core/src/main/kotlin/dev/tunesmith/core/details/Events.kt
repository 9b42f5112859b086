package dev.tunesmith.core.details

import dev.tunesmith.core.protocol.Event

/** These events and [more], oldest first; what is known already counts once. A resume takes back what it repeats. */
internal fun List<Event>.after(more: List<Event>): List<Event> {
    val all = ArrayList(this)
    for (event in more) {
        if (event.number <= (all.lastOrNull()?.number ?: 0)) continue
        val from = event.step?.takeIf { event.kind == RESUMED }
        if (from != null) all.replaceAll { if (it.isAfter(from)) it.copy(current = false) else it }
        all += event
    }
    return all
}

private fun Event.isAfter(from: Long) = kind != STATE && (step ?: 0) > from

private const val RESUMED = "resumed"
private const val STATE = "state"
