package dev.tunesmith.core.environment

import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.future.await
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeoutOrNull
import java.nio.file.Path
import kotlin.concurrent.thread
import kotlin.time.Duration.Companion.seconds

/**
 * Runs commands to their end, one line of what they print after the other. Whoever is cancelled meanwhile ends the
 * command with everything that it started, before the cancellation goes on.
 *
 * @param io Where starting and ending a process may block.
 */
public class ProcessRunner(private val io: CoroutineDispatcher) {
    /**
     * The exit status of [command] in the working folder [folder].
     *
     * @param environment What its environment has beyond ours.
     * @param line Called from a thread of its own with each line of both streams, in order.
     * @throws java.io.IOException where the system cannot start it.
     */
    public suspend fun run(
        command: List<String>,
        folder: Path,
        environment: Map<String, String> = emptyMap(),
        line: (String) -> Unit,
    ): Int {
        val process = withContext(NonCancellable + io) { start(command, folder, environment) }
        val drained = CompletableDeferred<Unit>()
        // A thread of its own: no scope could end while a stream that a forgotten child holds open keeps it reading.
        thread(isDaemon = true, name = "tunesmith command") {
            runCatching { process.inputStream.bufferedReader().forEachLine(line) }
            drained.complete(Unit)
        }
        try {
            val status = process.onExit().await().exitValue()
            withTimeoutOrNull(FAREWELL) { drained.await() }
            return status
        } finally {
            withContext(NonCancellable + io) {
                process.toHandle().endWithChildren()
                process.onExit().await()
                withTimeoutOrNull(FAREWELL) { drained.await() }
            }
        }
    }

    private fun start(command: List<String>, folder: Path, environment: Map<String, String>): Process {
        val builder = ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true)
        builder.environment().apply {
            keys.removeAll(FOREIGN)
            putAll(COMMON + environment)
        }
        return builder.start().apply { outputStream.close() }
    }

    private companion object {
        val FAREWELL = 3.seconds

        /** What another Python or environment has set: an interpreter is to answer for itself. */
        val FOREIGN = setOf("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
        val COMMON = mapOf(
            "PYTHONUTF8" to "1",
            "PYTHONUNBUFFERED" to "1",
            "PIP_DISABLE_PIP_VERSION_CHECK" to "1",
            "PIP_NO_INPUT" to "1",
        )
    }
}

/** The parent first, so that it starts no more; its children are known by then. */
private fun ProcessHandle.endWithChildren() {
    val children = children().toList()
    destroyForcibly()
    children.forEach { it.endWithChildren() }
}
