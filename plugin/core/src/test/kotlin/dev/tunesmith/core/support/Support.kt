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
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.onEach
import kotlinx.coroutines.future.await
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.withTimeoutOrNull
import java.nio.file.Path
import kotlin.io.path.createDirectories
import kotlin.io.path.readText
import kotlin.io.path.writeText
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

/** A server that goes wrong in its way. */
internal fun misbehaving(way: String, vararg arguments: String): ServerCommand {
    val script = Path.of(checkNotNull(ServerCommand::class.java.getResource("/servers/misbehaving.py")).toURI())
    return ServerCommand(listOf(python.toString(), "-u", script.toString(), way, *arguments), script.parent)
}

/** Limits short enough to see them reached. */
internal val hasty = Limits(handshake = 20.seconds, answer = 20.seconds, pulse = 100.milliseconds, silence = 2.seconds)

/** Run [test] with a client of [command]; afterwards nothing of it is left. */
internal fun withClient(
    command: ServerCommand,
    limits: Limits = hasty,
    test: suspend CoroutineScope.(TunesmithClient) -> Unit,
) {
    runBlocking(Dispatchers.Default) {
        val backoff = Backoff(first = 500.milliseconds, longest = 1.seconds)
        val client = TunesmithClient({ command }, this, Dispatchers.IO, limits, backoff)
        val living = client.start()
        try {
            test(client)
        } finally {
            living.cancelAndJoin()
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

private const val PERCEPTRON = """
from torch import nn


def perceptron(outputs: int) -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, outputs))


def digits():
    from sklearn.datasets import load_digits
    found = load_digits()
    return [{"image": image.astype("float32") / 16, "label": str(label)}
            for image, label in zip(found.images[:600], found.target[:600])]
"""

/** A project with a job on real, scanned digits that trains [epochs] times 8 steps; the job's path. */
internal fun digitsProject(folder: Path, epochs: Int): Path {
    folder.createDirectories().resolve("perceptron.py").writeText(PERCEPTRON)
    val job = folder.resolve("digits.job.yaml")
    job.writeText(
        """
        task: image-classification
        model: perceptron:perceptron
        data: {train: 'perceptron:digits', image: image, label: label, validation: 20%}
        training: {epochs: $epochs, batch_size: 60, learning_rate: 1e-2}
        evaluation: {every: 50 steps}
        """.trimIndent(),
    )
    return job
}

/** A project with a job on real sentences: whose docstring is it, of Python's own packages? The job's path. */
internal fun notesProject(folder: Path, epochs: Int): Path {
    folder.createDirectories()
    val template = root.resolve("runtime/tunesmith/templates/text-classification/prepare.py").readText()
    val script = folder.resolve("prepare.py")
    val few = """PACKAGES = ("asyncio", "email", "logging", "unittest")"""
    script.writeText(template.replace(Regex("PACKAGES = .*"), few))
    val made = ProcessBuilder(python.toString(), script.toString()).inheritIO().start().waitFor()
    check(made == 0) { "prepare.py ended with $made" }
    val job = folder.resolve("packages.job.yaml")
    job.writeText(
        """
        task: text-classification
        model: {scratch: {layers: 1, width: 64, heads: 2, vocabulary: 2000, window: 64}}
        data: {train: data/docstrings.csv, validation: 15%, text: text, label: package}
        training: {epochs: $epochs, batch_size: 32, learning_rate: 3e-3}
        evaluation: {every: 20 steps, metric: f1_macro}
        checkpoints: {every: 40 steps, keep: 3}
        """.trimIndent(),
    )
    return job
}
