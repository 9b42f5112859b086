package dev.tunesmith.core.client

import dev.tunesmith.core.protocol.ServerInfo
import java.time.Instant
import kotlin.time.Duration

/** Whether there is a server to talk to. */
public sealed interface ClientState {
    /** A server is being started; requests wait for it. */
    public data object Connecting : ClientState

    /** Requests are answered. */
    public data class Ready(val server: ServerInfo) : ClientState

    /**
     * There is none.
     *
     * @property since When it was lost.
     * @property log The last lines that it printed, oldest first.
     * @property retryIn When it is started again; null where only the user can help, see [TunesmithClient.retry].
     */
    public data class Lost(val since: Instant, val reason: LostReason, val log: List<String>, val retryIn: Duration?) :
        ClientState
}
