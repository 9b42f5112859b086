package dev.tunesmith.core.runs

import dev.tunesmith.core.client.LostReason
import dev.tunesmith.core.protocol.Queue
import dev.tunesmith.core.protocol.RunStatus
import dev.tunesmith.core.protocol.RunSummary
import dev.tunesmith.core.protocol.ServerInfo
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import java.time.Instant

class RunEndingsTest {
    private fun live(vararg runs: Pair<String, String>) = RunsState.Live(
        runs.map { (id, status) -> RunSummary(id = id, status = status) },
        emptyList(),
        Queue(),
        "",
        ServerInfo(),
    )

    private val lost = RunsState.Lost(Instant.EPOCH, LostReason.Exited(9))

    @Test
    fun `tells once of each run that ended, also of one that ended while there was no server`() {
        val endings = RunEndings()
        val states = listOf(
            live("a" to RunStatus.RUNNING, "b" to RunStatus.QUEUED, "old" to RunStatus.FINISHED),
            live("a" to RunStatus.FINISHED, "b" to RunStatus.RUNNING),
            lost,
            live("a" to RunStatus.FINISHED, "b" to RunStatus.FAILED),
            live("a" to RunStatus.FINISHED, "b" to RunStatus.FAILED),
        )
        val told = states.map { state -> endings.with(state).map { it.id } }
        assertEquals(listOf(emptyList(), listOf("a"), emptyList(), listOf("b"), emptyList()), told)
    }

    @Test
    fun `is quiet about what the user asked for`() {
        val endings = RunEndings()
        endings.with(live("a" to RunStatus.RUNNING, "b" to RunStatus.RUNNING))
        assertEquals(emptyList<RunSummary>(), endings.with(live("a" to RunStatus.STOPPED, "b" to RunStatus.PAUSED)))
    }
}
