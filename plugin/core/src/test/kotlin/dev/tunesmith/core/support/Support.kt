package dev.tunesmith.core.support

import dev.tunesmith.core.client.Backoff
import dev.tunesmith.core.client.ClientState
import dev.tunesmith.core.client.Limits
import dev.tunesmith.core.client.ServerCommand
import dev.tunesmith.core.client.TunesmithClient
import dev.tunesmith.core.protocol.ClientOptions
import dev.tunesmith.core.protocol.Methods
import dev.tunesmith.core.protocol.RunParams
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.cancelChildren
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.onEach
import kotlinx.coroutines.future.await
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.withTimeoutOrNull
import java.nio.file.Path
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

/** The interpreter in which the runtime is installed. */
internal val python: Path = Path.of(System.getProperty("tunesmith.python") ?: System.getenv("TUNESMITH_PYTHON"))

/** The checkout. */
internal val root: Path = Path.of(checkNotNull(System.getProperty("tunesmith.root"))).toRealPath()

internal val patience: Duration = 3.minutes

/** The first value that is a [T] and passes; what came last if none does. */
internal suspend inline fun <reified T> Flow<*>.await(crossinline passes: (T) -> Boolean = { true }): T {
    var last: Any? = null
    return withTimeoutOrNull(patience) { onEach { last = it }.first { it is T && passes(it) } as T }
        ?: throw AssertionError("not within $patience; last: $last")
}

/** Wait until [condition] holds; [what] says what for, and [seen] what there was instead. */
internal suspend fun until(what: String, seen: () -> Any? = { "" }, condition: () -> Boolean) {
    val came = withTimeoutOrNull(patience) {
        while (!condition()) delay(20.milliseconds)
        true
    }
    if (came == null) throw AssertionError("not within $patience: $what; seen: ${seen()}")
}

/** Wait until it has ended; [what] says what it does. */
internal suspend fun Job.ended(what: String) {
    withTimeoutOrNull(patience) { join() } ?: throw AssertionError("not within $patience: $what has not ended")
}

/** A server that goes wrong in its way. */
internal fun misbehaving(way: String, vararg arguments: String): ServerCommand {
    val script = Path.of(checkNotNull(ServerCommand::class.java.getResource("/servers/misbehaving.py")).toURI())
    return ServerCommand(listOf(python.toString(), "-u", script.toString(), way, *arguments), script.parent)
}

/** Limits short enough to see them reached. */
internal val hasty = Limits(handshake = 20.seconds, answer = 20.seconds, pulse = 100.milliseconds, silence = 2.seconds)

/**
 * Run [test] with a client of [command]; afterwards nothing of it is left. A server that ended is started again after
 * [pause], later after twice that.
 */
internal fun withClient(
    command: ServerCommand,
    limits: Limits = hasty,
    pause: Duration = 500.milliseconds,
    test: suspend CoroutineScope.(TunesmithClient) -> Unit,
) {
    runBlocking(Dispatchers.Default) {
        val backoff = Backoff(first = pause, longest = pause * 2)
        val client = TunesmithClient({ command }, this, Dispatchers.IO, limits, backoff)
        val living = client.start()
        try {
            test(client)
        } finally {
            living.cancelAndJoin()
            coroutineContext.cancelChildren() // such as what would ask the next server again
        }
    }
}

/** Wait until requests are answered. */
internal suspend fun TunesmithClient.ready(): ClientState.Ready = state.await<ClientState.Ready>()

/** Wait until the worker of [run] is gone: before that it writes into the folder, which cannot be deleted then. */
internal suspend fun TunesmithClient.outlive(run: String) {
    val pid = request(Methods.run, RunParams(run)).run.pid ?: return
    withTimeout(patience) { ProcessHandle.of(pid).orElse(null)?.onExit()?.await() }
}

/** The real server, in [folder]. */
internal fun real(folder: Path, trusted: Boolean = true): ServerCommand =
    ServerCommand.of(python, folder, ClientOptions(trusted = trusted))
