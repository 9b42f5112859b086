package dev.tunesmith.core.client

import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.future.await
import kotlinx.coroutines.withTimeoutOrNull
import java.io.InputStream
import java.io.OutputStream
import kotlin.concurrent.thread
import kotlin.time.Duration

/** A running server: its streams, the end of what it printed, and its end. */
internal class ServerProcess private constructor(private val process: Process) {
    private val drained = CompletableDeferred<Unit>()

    /** What it prints beside the protocol. */
    val log = LogTail()
    val input: InputStream get() = process.inputStream
    val output: OutputStream get() = process.outputStream

    /** Wait for the end; the exit status. */
    suspend fun status(): Int = process.onExit().await().exitValue()

    /** Wait for the end, for at most [patience] before it is forced; then for the last of its words. */
    suspend fun end(patience: Duration): Int {
        if (withTimeoutOrNull(patience) { status() } == null) kill()
        withTimeoutOrNull(patience) { drained.await() }
        return status()
    }

    /** End it at once. Its workers go on: they train, and belong to no server. */
    fun kill() {
        process.destroyForcibly()
    }

    companion object {
        /**
         * Start [command]. Blocks for as long as the system takes.
         *
         * @throws java.io.IOException where the system cannot start it.
         */
        fun start(command: ServerCommand): ServerProcess {
            val builder = ProcessBuilder(command.command).directory(command.folder.toFile())
            builder.environment().putAll(command.environment)
            val server = ServerProcess(builder.start())
            // A thread of its own, for the reason that Connection gives.
            thread(isDaemon = true, name = "tunesmith log") {
                runCatching { server.log.drain(server.process.errorStream) }
                server.drained.complete(Unit)
            }
            return server
        }
    }
}
