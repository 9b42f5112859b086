package dev.tunesmith.core.client

import dev.tunesmith.core.Words
import dev.tunesmith.core.protocol.CatalogParams
import dev.tunesmith.core.protocol.Command
import dev.tunesmith.core.protocol.JobParams
import dev.tunesmith.core.protocol.Methods
import dev.tunesmith.core.protocol.RunParams
import dev.tunesmith.core.protocol.RunsParams
import dev.tunesmith.core.protocol.Seen
import dev.tunesmith.core.protocol.SeriesPart
import dev.tunesmith.core.protocol.StartMode
import dev.tunesmith.core.protocol.StartParams
import dev.tunesmith.core.protocol.SubscribeParams
import dev.tunesmith.core.protocol.Trust
import dev.tunesmith.core.runs.RunActions
import dev.tunesmith.core.support.await
import dev.tunesmith.core.support.digitsProject
import dev.tunesmith.core.support.outlive
import dev.tunesmith.core.support.ready
import dev.tunesmith.core.support.real
import dev.tunesmith.core.support.withClient
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.filterIsInstance
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Path
import java.util.Locale

/** Against `tunesmith serve` and workers that train. */
@Timeout(600)
class RealServerTest {
    @TempDir
    lateinit var folder: Path

    @Test
    fun `greets, says its version and what is off without trust`() {
        withClient(real(folder, trusted = false), Limits()) { client ->
            val server = client.ready().server
            assertEquals(1, server.protocolVersion)
            assertFalse(server.trusted)
            assertTrue(server.off.isNotEmpty())
            assertEquals(emptyList<Any>(), client.request(Methods.runs, RunsParams()).runs)
            assertTrue(client.request(Methods.trust, Trust(true)).off.isEmpty())
        }
    }

    @Test
    fun `speaks the language of the windows`() {
        for ((locale, told) in mapOf(Locale.SIMPLIFIED_CHINESE to "语言模型", Locale.GERMAN to "language model")) {
            withClient(real(folder).copy(locale = locale), Limits()) { client ->
                val tasks = client.request(Methods.catalog, CatalogParams()).tasks
                val help = tasks.single { it.name == "causal-lm" }.help
                assertTrue(told in help, help)
            }
        }
    }

    @Test
    fun `another interpreter is taken once there is one, and the same one is left alone`() {
        runBlocking(Dispatchers.Default) {
            var command: ServerCommand? = null
            val nowhere = ServerNotLocated(LostReason.NoInterpreter)
            val client = TunesmithClient({ command ?: throw nowhere }, this, Dispatchers.IO)
            val living = client.start()
            client.state.await<ClientState.Lost> { it.reason is LostReason.NoInterpreter && it.retryIn == null }
            assertFalse(client.relocate())
            command = real(folder, trusted = false)
            assertTrue(client.relocate())
            val first = client.ready().server
            command = real(folder, trusted = true)
            assertFalse(client.relocate())
            command = command?.copy(environment = mapOf("PYTHONUTF8" to "1", "TUNESMITH_FOLDER" to "elsewhere"))
            assertTrue(client.relocate())
            val second = client.state.await<ClientState.Ready> { it.server.pid != first.pid }.server
            assertTrue(second.trusted)
            living.cancelAndJoin()
        }
    }

    @Test
    fun `a bad job is refused with each error's place`() {
        val job = digitsProject(folder, epochs = 1)
        withClient(real(folder), Limits()) { client ->
            client.ready()
            val text = "task: image-clasification\nmodel: perceptron:perceptron\nlerning_rate: 1\n"
            val checked = client.request(Methods.check, JobParams(job.toString(), text))
            assertFalse(checked.ok)
            assertTrue(checked.problems.any { it.line == 1L && "image-classification" in it.hint + it.allowed })
            val asked = runCatching { client.request(Methods.run, RunParams("no-such-run")) }
            val refused = assertInstanceOf(RequestRefused::class.java, asked.exceptionOrNull())
            assertEquals("run.not-found", refused.data?.code)
            val said = mutableListOf<String>()
            RunActions(client, Words(Locale.ENGLISH)) { said += it }.command("no-such-run", Command.STOP)
            assertTrue("tunesmith run" in said.single(), said.single())
        }
    }

    @Test
    fun `a run's numbers come live, and a server that is killed loses none of them`() {
        val job = digitsProject(folder, epochs = 60)
        withClient(real(folder), Limits()) { client ->
            val first = client.ready().server
            val curve = MutableStateFlow(emptyList<Double>())
            val hearing = launch(start = CoroutineStart.UNDISPATCHED) {
                client.events.filterIsInstance<ServerEvent.Series>().collect { event ->
                    val parts = event.appended.parts.filter { it.name == "loss" }
                    curve.value = parts.fold(curve.value, ::joined)
                }
            }
            val run = client.request(Methods.start, StartParams(job.toString(), mode = StartMode.NOW)).run
            client.subscribe(this, SubscribeParams(run.id, seen = listOf(Seen("loss", 0)), events = false))
            curve.await<List<Double>> { it.size > 10 }
            ProcessHandle.of(first.pid).get().destroyForcibly()
            client.state.await<ClientState.Ready> { it.server.pid != first.pid }
            curve.await<List<Double>> { it.size == 60 * 8 }
            val series = client.request(Methods.run, RunParams(run.id)).series
            assertEquals(60L * 8, series.single { it.name == "loss" }.records)
            hearing.cancel()
            client.outlive(run.id)
        }
    }

    /** [known] with what a part adds; each record must come as itself here, not as part of a stretch. */
    private fun joined(known: List<Double>, part: SeriesPart): List<Double> {
        assertTrue(part.count.all { it == 1L }, "merged: ${part.count}")
        assertTrue(part.first <= known.size, "a gap: ${known.size} known, next is ${part.first}")
        return known.take(part.first.toInt()) + part.value
    }
}
