package dev.tunesmith.core.client

import dev.tunesmith.core.protocol.EventsAppended
import dev.tunesmith.core.protocol.LogAppended
import dev.tunesmith.core.protocol.QueueChanged
import dev.tunesmith.core.protocol.RunChanged
import dev.tunesmith.core.protocol.SeriesAppended
import dev.tunesmith.core.protocol.ServerInfo

/** What comes from the server by itself, in its order. */
public sealed interface ServerEvent {
    /** A server answers: the first one, or one that was started anew. What was known may be old by now. */
    public data class Connected(val server: ServerInfo) : ServerEvent

    public data class Run(val change: RunChanged) : ServerEvent

    public data class Series(val appended: SeriesAppended) : ServerEvent

    public data class Log(val appended: LogAppended) : ServerEvent

    public data class Events(val appended: EventsAppended) : ServerEvent

    public data class Queue(val change: QueueChanged) : ServerEvent

    public companion object {
        internal fun of(params: Any?): ServerEvent? = when (params) {
            is RunChanged -> Run(params)
            is SeriesAppended -> Series(params)
            is LogAppended -> Log(params)
            is EventsAppended -> Events(params)
            is QueueChanged -> Queue(params)
            else -> null
        }
    }
}
