package dev.tunesmith.core.client

import dev.tunesmith.core.protocol.Seen
import dev.tunesmith.core.protocol.SubscribeParams
import dev.tunesmith.core.protocol.Subscribed

/**
 * Remembers who wants to hear what of which run, and how much of it has come: the server knows one subscription a run,
 * and a new server must go on exactly where the old one ended.
 *
 * Safe from any thread.
 */
internal class Subscriptions {
    private class Wanted(val run: String) {
        val wishes = linkedMapOf<Any, SubscribeParams>()
        val seen = mutableMapOf<String, Long>()
        var logOffset: Long? = null
        var afterEvent: Long? = null

        fun joined(): SubscribeParams {
            val series = wishes.values.flatMap { it.series }.distinct()
            return SubscribeParams(
                run = run,
                series = if ("*" in series) listOf("*") else series,
                seen = seen.map { (name, records) -> Seen(name, records) },
                log = wishes.values.any { it.log },
                logOffset = logOffset,
                events = wishes.values.any { it.events },
                afterEvent = afterEvent,
            )
        }
    }

    private val wanted = linkedMapOf<String, Wanted>()

    /** [who] wants this too; what to subscribe to now. Whoever has more than [who] will get some of it again. */
    fun add(who: Any, wish: SubscribeParams): SubscribeParams = synchronized(wanted) {
        val kept = wanted.getOrPut(wish.run) { Wanted(wish.run) }
        wish.seen.forEach { kept.seen[it.name] = minOf(it.records, kept.seen[it.name] ?: it.records) }
        if (wish.log) kept.logOffset = earlier(kept.logOffset, wish.logOffset)
        if (wish.events) kept.afterEvent = earlier(kept.afterEvent, wish.afterEvent)
        kept.wishes[who] = wish
        kept.joined()
    }

    /** The server has accepted, and this is where it begins. */
    fun began(begins: Subscribed) = synchronized(wanted) {
        wanted[begins.run]?.let { kept ->
            begins.series.forEach { kept.seen.putIfAbsent(it.name, it.records) }
            kept.logOffset = kept.logOffset ?: begins.logOffset
            kept.afterEvent = kept.afterEvent ?: begins.event
        }
    }

    /**
     * A new server has accepted. It begins a series that nobody here knew of at its end, though all of it is new; what to
     * subscribe to for the whole of it, null where there is none.
     */
    fun beganAgain(begins: Subscribed): SubscribeParams? = synchronized(wanted) {
        val kept = wanted[begins.run] ?: return null
        val unknown = begins.series.filter { it.name !in kept.seen && it.records > 0 }
        unknown.forEach { kept.seen[it.name] = 0 }
        if (unknown.isEmpty()) null else kept.joined()
    }

    /** [who] wants to hear no more of [run]; what to subscribe to now, null where nobody wants anything. */
    fun remove(who: Any, run: String): SubscribeParams? = synchronized(wanted) {
        val kept = wanted[run] ?: return null
        kept.wishes.remove(who)
        if (kept.wishes.isNotEmpty()) return kept.joined()
        wanted.remove(run)
        null
    }

    /** [run] is no longer there. */
    fun forget(run: String) {
        synchronized(wanted) { wanted.remove(run) }
    }

    /** What to subscribe to on a new server. */
    fun again(): List<SubscribeParams> = synchronized(wanted) { wanted.values.map { it.joined() } }

    /** Note what has come. */
    fun note(event: ServerEvent) = synchronized(wanted) {
        when (event) {
            is ServerEvent.Series -> wanted[event.appended.run]?.let { kept ->
                event.appended.parts.forEach { kept.seen[it.name] = it.records }
            }

            is ServerEvent.Log -> wanted[event.appended.run]?.logOffset = event.appended.end

            is ServerEvent.Events -> event.appended.events.lastOrNull()?.let { last ->
                wanted[event.appended.run]?.afterEvent = last.number
            }

            is ServerEvent.Run -> if (event.change.gone) forget(event.change.run.id)

            else -> Unit
        }
    }

    private fun earlier(one: Long?, other: Long?) = if (one == null ||
        other == null
    ) {
        one ?: other
    } else {
        minOf(one, other)
    }
}
