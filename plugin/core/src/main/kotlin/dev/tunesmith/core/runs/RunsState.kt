package dev.tunesmith.core.runs

import dev.tunesmith.core.client.LostReason
import dev.tunesmith.core.protocol.Queue
import dev.tunesmith.core.protocol.RunSummary
import dev.tunesmith.core.protocol.ServerInfo
import java.time.Instant
import kotlin.time.Duration

/** What is known of the project's runs: the one thing that views draw. */
public sealed interface RunsState {
    /** A server is being started, or asked for the runs. */
    public data object Connecting : RunsState

    /**
     * There is no server. The runs themselves go on.
     *
     * @property hint Why, and so what helps.
     * @property log The last lines that the server printed.
     * @property retryIn When it is started again; null where only the user can help.
     */
    public data class Lost(
        val since: Instant,
        val hint: LostReason,
        val log: List<String> = emptyList(),
        val retryIn: Duration? = null,
    ) : RunsState

    /**
     * All runs, as they stand now.
     *
     * @property runs Newest first.
     * @property selected Ids of those that the user looks at, in the order of choosing; each is in [runs].
     * @property root The folder that the runs lie in.
     */
    public data class Live(
        val runs: List<RunSummary>,
        val selected: List<String>,
        val queue: Queue,
        val root: String,
        val server: ServerInfo,
    ) : RunsState
}
