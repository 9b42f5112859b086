package dev.tunesmith.core.runs

import dev.tunesmith.core.Words
import dev.tunesmith.core.protocol.Best
import dev.tunesmith.core.protocol.Command
import dev.tunesmith.core.protocol.Queue
import dev.tunesmith.core.protocol.RunStatus
import dev.tunesmith.core.protocol.RunSummary
import dev.tunesmith.core.protocol.ServerInfo
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import java.util.Locale

class RunsStatusTest {
    private val words = Words(Locale.ENGLISH)
    private val going = RunSummary(
        id = "a",
        name = "reviews",
        status = RunStatus.RUNNING,
        step = 520,
        totalSteps = 1240,
        etaS = 185.0,
        best = Best("f1", 0.91, 400),
    )

    private fun live(vararg runs: RunSummary) = RunsState.Live(runs.toList(), emptyList(), Queue(), "", ServerInfo())

    private fun status(vararg runs: RunSummary) = RunsStatus.of(live(*runs), words)

    @Test
    fun `one run shows how far it is, several how many they are, none nothing`() {
        val details = "Step 520 of 1,240\nBest f1: 0.91 at step 400"
        assertEquals(RunsStatus("reviews: 41 %, 3:05 left", details), status(going))
        val doubted = "Step 520 of 1,240\nBest f1: 0.91 at step 400 (warnings: 1)"
        assertEquals(doubted, status(going.copy(warningCount = 1)).details)
        assertEquals("reviews: 41 %", status(going.copy(etaS = null)).text)
        assertEquals("a: preparing", status(going.copy(name = "", totalSteps = null)).text)
        val other = going.copy(id = "b", name = "prices", step = 0, best = null)
        val both = status(going, other, going.copy(status = RunStatus.QUEUED))
        assertEquals("2 runs at work", both.text)
        assertEquals(listOf("reviews: 41 %, 3:05 left", "prices: 0 %, 3:05 left"), both.details.lines())
        assertEquals(RunsStatus(), status(going.copy(status = RunStatus.FINISHED)))
        assertEquals(RunsStatus(), RunsStatus.of(RunsState.Connecting, words))
    }

    @Test
    fun `an action without a choice is about the newest run that it has a meaning for`() {
        val queued = going.copy(id = "q", status = RunStatus.QUEUED)
        val stopped = going.copy(id = "s", status = RunStatus.STOPPED)
        val state = live(queued, going, stopped)
        assertEquals("q", state.latestFor(Command.STOP)?.id)
        assertEquals("a", state.latestFor(Command.PAUSE)?.id)
        assertEquals(null, state.latestFor(Command.RESUME))
        assertEquals("s", live(stopped, going).latestFor(Command.RESUME)?.id)
        assertEquals(null, live(stopped).latestFor(Command.STOP))
        assertEquals(null, RunsState.Connecting.latestFor(Command.STOP))
    }
}
