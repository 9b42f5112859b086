package dev.tunesmith.core.runs

import dev.tunesmith.core.client.ClientState
import dev.tunesmith.core.client.LostReason
import dev.tunesmith.core.client.ServerEvent
import dev.tunesmith.core.protocol.Queue
import dev.tunesmith.core.protocol.QueueChanged
import dev.tunesmith.core.protocol.RunChanged
import dev.tunesmith.core.protocol.RunStatus
import dev.tunesmith.core.protocol.RunSummary
import dev.tunesmith.core.protocol.Runs
import dev.tunesmith.core.protocol.ServerInfo
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import java.time.Instant

class RunsKnowledgeTest {
    private val ready = RunsInput.Connection(ClientState.Ready(ServerInfo(version = "0.1.0")))

    private fun run(id: String, created: Double = 0.0, updated: Double = 0.0, step: Long = 0) =
        RunSummary(id = id, created = created, updated = updated, step = step)

    private fun listed(vararg runs: RunSummary) =
        RunsInput.Listed(Runs(runs.toList(), "/project/.tunesmith/runs"), Queue())

    private fun changed(run: RunSummary, gone: Boolean = false) = RunsInput.Told(ServerEvent.Run(RunChanged(run, gone)))

    private fun after(vararg inputs: RunsInput): RunsState =
        inputs.fold(RunsKnowledge()) { known, input -> known.after(input) }.view()

    private fun live(vararg inputs: RunsInput) = after(*inputs) as RunsState.Live

    @Test
    fun `connects until the runs are listed`() {
        assertEquals(RunsState.Connecting, after())
        assertEquals(RunsState.Connecting, after(ready))
        assertEquals("/project/.tunesmith/runs", live(ready, listed()).root)
    }

    @Test
    fun `shows the newest run first`() {
        val state = live(ready, listed(run("a", created = 1.0), run("c", created = 3.0), run("b", created = 2.0)))
        assertEquals(listOf("c", "b", "a"), state.runs.map { it.id })
    }

    @Test
    fun `a change that came while the list was on its way is not undone by it`() {
        val state = live(ready, changed(run("a", updated = 2.0, step = 9)), listed(run("a", updated = 2.0, step = 5)))
        assertEquals(9, state.runs.single().step)
    }

    @Test
    fun `a change that is older than the list does not count`() {
        val state = live(ready, changed(run("a", updated = 1.0, step = 3)), listed(run("a", updated = 2.0, step = 5)))
        assertEquals(5, state.runs.single().step)
    }

    @Test
    fun `a worker's death that was told while the list was on its way is not undone by it`() {
        val running = run("a", updated = 2.0).copy(status = RunStatus.RUNNING)
        val state = live(ready, changed(running.copy(status = RunStatus.LOST)), listed(running))
        assertEquals(RunStatus.LOST, state.runs.single().status)
    }

    @Test
    fun `a queue that was told while the list was on its way is not undone by it`() {
        val queue = Queue(parallel = 2)
        assertEquals(queue, live(ready, RunsInput.Told(ServerEvent.Queue(QueueChanged(queue))), listed()).queue)
        assertEquals(Queue(), live(ready, listed()).queue)
    }

    @Test
    fun `a run that went while the list was on its way does not come back`() {
        assertEquals(emptyList<RunSummary>(), live(ready, changed(run("a"), gone = true), listed(run("a"))).runs)
    }

    @Test
    fun `a run that went is not selected any more`() {
        val select = RunsInput.Selected(listOf("b", "a"))
        assertEquals(listOf("b", "a"), live(ready, listed(run("a"), run("b")), select).selected)
        assertEquals(
            listOf("a"),
            live(ready, listed(run("a"), run("b")), select, changed(run("b"), gone = true)).selected,
        )
    }

    @Test
    fun `what was lost is said, and the selection outlives it`() {
        val since = Instant.ofEpochSecond(7)
        val lost = RunsInput.Connection(ClientState.Lost(since, LostReason.Exited(9), listOf("killed"), null))
        val before = arrayOf(ready, listed(run("a"), run("b")), RunsInput.Selected(listOf("a")))
        assertEquals(RunsState.Lost(since, LostReason.Exited(9), listOf("killed")), after(*before, lost))
        val again = live(*before, lost, ready, listed(run("a")))
        assertEquals(listOf("a"), again.selected)
        assertEquals(listOf("a"), again.runs.map { it.id }, "b was deleted meanwhile")
    }
}
