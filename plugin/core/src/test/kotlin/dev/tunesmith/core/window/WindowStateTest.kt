package dev.tunesmith.core.window

import dev.tunesmith.core.client.LostReason
import dev.tunesmith.core.protocol.Queue
import dev.tunesmith.core.protocol.RunSummary
import dev.tunesmith.core.protocol.ServerInfo
import dev.tunesmith.core.runs.RunsState
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Test
import java.time.Instant

class WindowStateTest {
    private fun live(vararg ids: String) =
        RunsState.Live(ids.map { RunSummary(id = it) }, emptyList(), Queue(), "", ServerInfo())

    private val WindowState.drawn get() = slots.slots.keys

    @Test
    fun `the newest run is opened when the list comes, and the next newest when it goes`() {
        val first = WindowState().withRuns(live("b", "a"))
        assertEquals(OpenRun("b", isListed = true), first.open)
        assertEquals(setOf("b"), first.drawn)
        val second = first.withRuns(live("a"))
        assertEquals(OpenRun("a", isListed = true), second.open)
        assertEquals(setOf("a"), second.drawn)
        assertNull(second.withRuns(live()).open)
    }

    @Test
    fun `a run that was just started stays open until it is listed, and is another's place from then on`() {
        val awaited = WindowState().withRuns(live("a")).opening("new")
        assertEquals(OpenRun("new", isListed = false), awaited.open)
        val waiting = awaited.withRuns(live("b", "a"))
        assertEquals(awaited.open, waiting.open)
        assertEquals(setOf("new"), waiting.drawn)
        val listed = waiting.withRuns(live("new", "b", "a"))
        assertEquals(OpenRun("new", isListed = true), listed.open)
        assertEquals("b", listed.withRuns(live("b", "a")).open?.id)
    }

    @Test
    fun `curves that are shown stay while another run is opened, and go with their run`() {
        val shown = WindowState().withRuns(live("c", "b", "a")).let { it.copy(slots = it.slots.shown("a")) }
        assertEquals(setOf("c", "a"), shown.drawn)
        assertEquals(setOf("a", "b"), shown.opening("b").drawn)
        assertEquals(setOf("c"), shown.withRuns(live("c", "b")).drawn)
    }

    @Test
    fun `without a server the open run and its curves are kept, but no run is known`() {
        val before = WindowState().withRuns(live("a"))
        val lost = before.withRuns(RunsState.Lost(Instant.EPOCH, LostReason.NoInterpreter))
        assertEquals(before.open, lost.open)
        assertEquals(before.slots, lost.slots)
        assertEquals(emptyList<RunSummary>(), lost.listed)
        assertEquals(before, lost.withRuns(live("a")))
    }
}
