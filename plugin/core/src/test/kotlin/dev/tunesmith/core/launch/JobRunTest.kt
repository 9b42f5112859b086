package dev.tunesmith.core.launch

import dev.tunesmith.core.client.ClientState
import dev.tunesmith.core.client.Limits
import dev.tunesmith.core.curves.CurvesModel
import dev.tunesmith.core.curves.RunCurves
import dev.tunesmith.core.protocol.Methods
import dev.tunesmith.core.protocol.RunParams
import dev.tunesmith.core.protocol.RunStatus
import dev.tunesmith.core.runs.RunsModel
import dev.tunesmith.core.runs.RunsState
import dev.tunesmith.core.support.await
import dev.tunesmith.core.support.digitsProject
import dev.tunesmith.core.support.ended
import dev.tunesmith.core.support.misbehaving
import dev.tunesmith.core.support.patience
import dev.tunesmith.core.support.ready
import dev.tunesmith.core.support.real
import dev.tunesmith.core.support.withClient
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.channels.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Path
import kotlin.io.path.writeText

/** Against `tunesmith serve` and workers that train. */
@Timeout(600)
class JobRunTest {
    @TempDir
    lateinit var folder: Path

    @Test
    fun `follows a run to its end, across a kill of the server, and prints all of its log, beside its curves`() {
        val job = digitsProject(folder, epochs = 40)
        withClient(real(folder), Limits()) { client ->
            val server = client.ready().server
            val model = RunsModel(client)
            val curves = CurvesModel(client)
            val modelling = listOf(model.start(this), curves.start(this))
            val run = JobRun(client, RunSettings(job.toString(), name = "first"))
            val printed = async { run.output.toList().joinToString("") }
            val following = launch { run.follow() }
            val going = run.state.await<JobRunState.Going> { it.run.status == RunStatus.RUNNING }
            curves.follow(going.run.id)
            ProcessHandle.of(server.pid).get().destroyForcibly()
            client.state.await<ClientState.Ready> { it.server.pid != server.pid }
            following.ended("following the run")
            val ended = assertInstanceOf(JobRunState.Ended::class.java, run.state.value)
            assertEquals(RunStatus.FINISHED, ended.run.status)
            assertEquals(0, ended.status)
            val log = Path.of(going.run.path).resolve("log.txt").toFile().readText()
            printed.ended("what it prints")
            assertEquals(log, printed.await())
            assertTrue(log.isNotBlank())
            val again = JobRun(client, going.run.id)
            val printedAgain = async { again.output.toList().joinToString("") }
            withTimeout(patience) { again.follow() }
            assertEquals(0, again.state.value.status)
            printedAgain.ended("what it printed")
            assertEquals(log, printedAgain.await())
            val live = model.state.await<RunsState.Live> { state -> state.runs.any { it.status == RunStatus.FINISHED } }
            assertEquals(listOf("first"), live.runs.map { it.name })
            curves.state.await<Map<String, RunCurves>> { it[going.run.id]?.get("loss")?.size == 40 * 8 }
            modelling.forEach { it.cancel() }
        }
    }

    @Test
    fun `stops with a checkpoint, and goes on from it`() {
        val job = digitsProject(folder, epochs = 5_000)
        withClient(real(folder), Limits()) { client ->
            client.ready()
            val run = JobRun(client, RunSettings(job.toString()))
            val following = launch { run.follow() }
            run.state.await<JobRunState.Going> { it.run.step > 0 }
            run.stop()
            following.ended("following the run that was stopped")
            assertEquals(130, run.state.value.status)
            val stopped = (run.state.value as JobRunState.Ended).run
            val checkpoint = client.request(Methods.run, RunParams(stopped.id)).checkpoints.first().step

            val settings = RunSettings(job.toString(), overrides = "training.epochs=5001", from = StartFrom.NEWEST)
            val next = JobRun(client, settings)
            val followingNext = launch { next.follow() }
            val going = next.state.await<JobRunState.Going> { it.run.step > 0 }
            assertTrue(going.run.step > checkpoint, "began at ${going.run.step}, the checkpoint is $checkpoint")
            next.kill()
            followingNext.ended("following the run that was killed")
            assertEquals(1, next.state.value.status)
        }
    }

    @Test
    fun `a run that was started before is followed, and a run that is not there is refused`() {
        val job = digitsProject(folder, epochs = 5_000)
        withClient(real(folder), Limits()) { client ->
            client.ready()
            val run = JobRun(client, RunSettings(job.toString()))
            val following = launch { run.follow() }
            val going = run.state.await<JobRunState.Going> { it.run.step > 0 }
            run.leave()
            following.cancelAndJoin()
            val found = JobRun(client, going.run.id)
            val followingFound = launch { found.follow() }
            found.state.await<JobRunState.Going> { it.run.step > going.run.step }
            found.stop()
            followingFound.ended("following the run that was found")
            assertEquals(130, found.state.value.status)
            val missing = JobRun(client, "nothing-like-that")
            withTimeout(patience) { missing.follow() }
            assertInstanceOf(JobRunState.Refused::class.java, missing.state.value)
        }
    }

    @Test
    fun `an answer that was given before the end, but comes after it, does not take the end back`() {
        withClient(misbehaving("answers_late")) { client ->
            client.ready()
            val run = JobRun(client, RunSettings("a.job.yaml"))
            val following = launch { run.follow() }
            run.state.await<JobRunState.Going>()
            run.stop()
            following.ended("following the run that was stopped")
            assertEquals(130, run.state.value.status)
        }
    }

    @Test
    fun `a run that is gone has ended`() {
        withClient(misbehaving("forgets_the_run")) { client ->
            client.ready()
            val run = JobRun(client, RunSettings("a.job.yaml"))
            withTimeout(patience) { run.follow() }
            assertInstanceOf(JobRunState.Ended::class.java, run.state.value)
        }
    }

    @Test
    fun `follows a run to its end though nobody reads what it prints`() {
        withClient(misbehaving("prints_much")) { client ->
            client.ready()
            val run = JobRun(client, RunSettings("a.job.yaml"))
            withTimeout(patience) { run.follow() }
            assertEquals(0, run.state.value.status)
            assertEquals(1_000, run.output.toList().size)
        }
    }

    @Test
    fun `a job with errors is not started, and they are told`() {
        val job = digitsProject(folder, epochs = 1)
        job.writeText("task: image-classification\nmodel: 7\n")
        withClient(real(folder), Limits()) { client ->
            client.ready()
            val run = JobRun(client, RunSettings(job.toString()))
            withTimeout(patience) { run.follow() }
            val refused = assertInstanceOf(JobRunState.Refused::class.java, run.state.value)
            assertEquals(2, refused.status)
            assertTrue(refused.problems.any { it.key == "data" || it.key == "model" }, "${refused.problems}")
        }
    }
}
