package dev.tunesmith.core.client

import dev.tunesmith.core.protocol.Methods
import dev.tunesmith.core.protocol.QueueParams
import dev.tunesmith.core.protocol.RunsParams
import dev.tunesmith.core.protocol.SeriesParams
import dev.tunesmith.core.protocol.SubscribeParams
import dev.tunesmith.core.support.await
import dev.tunesmith.core.support.hasty
import dev.tunesmith.core.support.misbehaving
import dev.tunesmith.core.support.patience
import dev.tunesmith.core.support.ready
import dev.tunesmith.core.support.withClient
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.onSubscription
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.withTimeoutOrNull
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Assertions.fail
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Path
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

@Timeout(300)
class MisbehavingServerTest {
    /** For servers that do not end when they are asked to. */
    private val curt = hasty.copy(farewell = 200.milliseconds)

    @Test
    fun `a command that is not there is said to be so`() {
        withClient(ServerCommand(listOf("/no/such/python"), Path.of("."))) { client ->
            val lost = client.state.await<ClientState.Lost>()
            assertTrue("/no/such/python" in assertInstanceOf(LostReason.NotStarted::class.java, lost.reason).message)
        }
    }

    @Test
    fun `a crash at the start shows status and last words, and is tried again`() {
        withClient(misbehaving("crash_at_once")) { client ->
            val lost = client.state.await<ClientState.Lost>()
            assertEquals(LostReason.Exited(7), lost.reason)
            assertEquals(listOf("Traceback: no module named torch"), lost.log)
            client.state.await<ClientState.Lost> { it.since > lost.since }
        }
    }

    @Test
    fun `a crash in the middle fails what was asked, and the next server answers`(@TempDir folder: Path) {
        withClient(misbehaving("crash_once_then_serve", "$folder/mark")) { client ->
            client.ready()
            val asked = runCatching { client.request(Methods.runs, RunsParams()) }
            val failure = assertInstanceOf(ServerLost::class.java, asked.exceptionOrNull())
            assertEquals(LostReason.Exited(9), failure.reason)
            client.ready()
            client.request(Methods.runs, RunsParams())
        }
    }

    @Test
    fun `another version of the protocol is named, and starting again is left to the user`() {
        withClient(misbehaving("another_version")) { client ->
            val lost = client.state.await<ClientState.Lost>()
            assertEquals(LostReason.VersionMismatch(ours = 1, theirs = 99, runtime = "0.9"), lost.reason)
            assertEquals(null, lost.retryIn)
            client.retry()
            client.state.await<ClientState.Lost> { it.since > lost.since }
        }
    }

    @Test
    fun `a refused handshake says why`() {
        withClient(misbehaving("refuses")) { client ->
            val lost = client.state.await<ClientState.Lost>()
            assertEquals(LostReason.Refused("torch is broken", "env.broken"), lost.reason)
        }
    }

    @Test
    fun `a server that never greets is given up`() {
        withClient(misbehaving("never_greets"), hasty.copy(handshake = 2.seconds)) { client ->
            val lost = client.state.await<ClientState.Lost>()
            assertEquals(LostReason.Hung(2.seconds), lost.reason)
            assertEquals(listOf("importing everything there is"), lost.log)
        }
    }

    @Test
    fun `a server that hangs later fails what was asked and is replaced`() {
        withClient(misbehaving("hangs_later"), hasty.copy(silence = 1.seconds)) { client ->
            client.ready()
            val asked = async { runCatching { client.request(Methods.runs, RunsParams()) } }
            val lost = client.state.await<ClientState.Lost>()
            assertEquals(LostReason.Hung(1.seconds), lost.reason)
            assertEquals(listOf("deadlocked"), lost.log)
            assertInstanceOf(ServerLost::class.java, asked.await().exceptionOrNull())
        }
    }

    @Test
    fun `an answer that does not come in time is waited for no longer`() {
        withClient(misbehaving("hangs_later"), curt.copy(silence = 60.seconds)) { client ->
            client.ready()
            val asked = runCatching { client.request(Methods.runs, RunsParams(), 300.milliseconds) }
            assertEquals(300.milliseconds, assertInstanceOf(RequestTimedOut::class.java, asked.exceptionOrNull()).limit)
        }
    }

    @Test
    fun `what libraries print between messages does no harm`() {
        withClient(misbehaving("prints_before_and_between")) { client ->
            val changed = async(start = CoroutineStart.UNDISPATCHED) {
                client.events.first { it is ServerEvent.Queue } as ServerEvent.Queue
            }
            client.ready()
            assertEquals(2, client.request(Methods.queue, QueueParams()).parallel)
            assertEquals(3, changed.await().change.queue.parallel)
        }
    }

    @Test
    fun `a server that prints nothing but garbage is given up and quoted`() {
        withClient(misbehaving("only_garbage")) { client ->
            val lost = client.state.await<ClientState.Lost>()
            assertTrue("garbage" in assertInstanceOf(LostReason.Nonsense::class.java, lost.reason).sample)
        }
    }

    @Test
    fun `a server that prints nothing but line ends is given up`() {
        withClient(misbehaving("only_newlines")) { client ->
            assertInstanceOf(LostReason.Nonsense::class.java, client.state.await<ClientState.Lost>().reason)
        }
    }

    @Test
    fun `a message that is said to be larger than any is not waited for`() {
        withClient(misbehaving("promises_too_much")) { client ->
            val lost = client.state.await<ClientState.Lost>()
            assertTrue("99999999999" in assertInstanceOf(LostReason.Nonsense::class.java, lost.reason).sample)
        }
    }

    @Test
    fun `under a flood of notifications requests are answered`() {
        withClient(misbehaving("floods"), curt) { client ->
            var heard = 0
            val listening = launch { client.events.collect { heard++ } }
            client.ready()
            repeat(20) { assertEquals(1, client.request(Methods.queue, QueueParams()).parallel) }
            assertTrue(heard > 0)
            listening.cancel()
        }
    }

    @Test
    fun `of many notifications none is lost and their order is kept`() {
        withClient(misbehaving("counts"), hasty.copy(pulse = 60.seconds)) { client ->
            client.ready()
            val listening = CompletableDeferred<Unit>()
            val heard = async {
                client.events.onSubscription { listening.complete(Unit) }.take(50_000).toList()
            }
            listening.await()
            client.request(Methods.queue, QueueParams(parallel = 50_000))
            val offsets = withTimeout(60.seconds) { heard.await() }.map { (it as ServerEvent.Log).appended.offset }
            assertEquals(LongArray(50_000) { it.toLong() }.toList(), offsets)
        }
    }

    @Test
    fun `of a flooded log the last lines are kept`() {
        // It answers no sign of life meanwhile, so it is asked for none.
        withClient(misbehaving("floods_its_log"), hasty.copy(pulse = patience)) { client ->
            val lost = client.state.await<ClientState.Lost>()
            assertEquals(LostReason.Exited(3), lost.reason)
            assertEquals(200, lost.log.size)
            assertTrue(lost.log[198].startsWith("line 99999 "))
            assertTrue(lost.log[199].length < 2_100, "${lost.log[199].length}")
        }
    }

    @Test
    fun `a child that still holds the streams does not hide the end`() {
        val command = misbehaving("leaves_a_child_that_holds_its_streams")
        withClient(command, curt.copy(silence = 60.seconds)) { client ->
            assertEquals(LostReason.Exited(5), client.state.await<ClientState.Lost>().reason)
        }
    }

    @Test
    fun `an answer of a wrong shape fails its request alone`() {
        withClient(misbehaving("answers_nonsense"), hasty.copy(pulse = 60.seconds)) { client ->
            client.ready()
            val queue = runCatching { client.request(Methods.queue, QueueParams()) }
            assertInstanceOf(AnswerMalformed::class.java, queue.exceptionOrNull())
            val runs = runCatching { client.request(Methods.runs, RunsParams()) }
            assertInstanceOf(AnswerMalformed::class.java, runs.exceptionOrNull())
            val curve = client.request(Methods.series, SeriesParams("r")).curves.single()
            assertEquals(listOf(Double.NaN, 1.0, Double.NEGATIVE_INFINITY), curve.low)
            assertEquals(listOf(Double.POSITIVE_INFINITY), curve.high)
        }
    }

    @Test
    fun `progress is reported, and who no longer waits tells the server`() {
        withClient(misbehaving("is_slow"), hasty.copy(pulse = 60.seconds)) { client ->
            client.ready()
            val reported = CompletableDeferred<Progress>()
            val asked = launch {
                client.request(Methods.runs, RunsParams(), progress = { reported.complete(it) })
                fail<Unit>("it was answered")
            }
            val progress = reported.await()
            assertEquals("reading data" to 40, progress.message to progress.percentage)
            asked.cancel()
            asked.join()
            val again = runCatching { client.request(Methods.runs, RunsParams(), 200.milliseconds) }
            assertInstanceOf(RequestTimedOut::class.java, again.exceptionOrNull())
        }
    }

    @Test
    fun `another server is started when the user wants one`(@TempDir folder: Path) {
        withClient(misbehaving("crash_once_then_serve", "$folder/mark")) { client ->
            val first = client.ready().server.pid
            client.restart()
            client.state.await<ClientState.Ready> { it.server.pid != first }
        }
    }

    @Test
    fun `what a dying server told comes to those who listen slowly, and the next goes on behind it`(
        @TempDir folder: Path,
    ) {
        withClient(misbehaving("dies_while_telling", "$folder/mark")) { client ->
            client.ready()
            val told = Channel<Long>(Channel.UNLIMITED)
            val listening = launch(start = CoroutineStart.UNDISPATCHED) {
                client.events.collect { event ->
                    if (event !is ServerEvent.Log) return@collect
                    told.send(event.appended.end)
                    if (event.appended.end > 1) return@collect
                    withTimeoutOrNull(2.seconds) { client.state.await<ClientState.Lost>() } // or it would have been
                }
            }
            client.persistently { client.subscribe(told, SubscribeParams("r", log = true, logOffset = 0)) }
            assertEquals(listOf(1L, 2, 3, 4), List(4) { withTimeout(patience) { told.receive() } })
            listening.cancel()
        }
    }
}
