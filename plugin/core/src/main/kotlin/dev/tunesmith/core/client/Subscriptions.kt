package dev.tunesmith.core.client

import dev.tunesmith.core.protocol.Event
import dev.tunesmith.core.protocol.Seen
import dev.tunesmith.core.protocol.SubscribeParams
import dev.tunesmith.core.protocol.Subscribed

/**
 * Remembers what is subscribed to and how much of it has come, so that a new server goes on exactly there.
 *
 * Safe from any thread.
 */
internal class Subscriptions {
    private class Wanted(val params: SubscribeParams) {
        val seen = params.seen.associateTo(mutableMapOf()) { it.name to it.records }
        var logOffset = params.logOffset
        var afterEvent = params.afterEvent
    }

    private val wanted = linkedMapOf<String, Wanted>()

    fun add(run: String, params: SubscribeParams, begins: Subscribed) = synchronized(wanted) {
        val kept = Wanted(params)
        begins.series.forEach { kept.seen.putIfAbsent(it.name, it.records) }
        kept.logOffset = kept.logOffset ?: begins.logOffset
        kept.afterEvent = kept.afterEvent ?: begins.event
        wanted[run] = kept
    }

    fun remove(run: String) {
        synchronized(wanted) { wanted.remove(run) }
    }

    /** What to subscribe to on a new server: the same, after what has come already. */
    fun again(): List<SubscribeParams> = synchronized(wanted) {
        wanted.map { (run, kept) ->
            kept.params.copy(
                run = run,
                seen = kept.seen.map { (name, records) -> Seen(name, records) },
                logOffset = kept.logOffset,
                afterEvent = kept.afterEvent,
            )
        }
    }

    /** Note what has come. */
    fun note(event: ServerEvent) = synchronized(wanted) {
        when (event) {
            is ServerEvent.Series -> wanted[event.appended.run]?.let { kept ->
                event.appended.parts.forEach { kept.seen[it.name] = it.records }
            }

            is ServerEvent.Log -> wanted[event.appended.run]?.logOffset = event.appended.end

            is ServerEvent.Events -> event.appended.events.lastOrNull()?.let { last: Event ->
                wanted[event.appended.run]?.afterEvent = last.number
            }

            is ServerEvent.Run -> if (event.change.gone) wanted.remove(event.change.run.id)

            else -> Unit
        }
    }
}
