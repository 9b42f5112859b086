package dev.tunesmith.core.whole

import com.google.gson.JsonParser
import dev.tunesmith.core.Words
import dev.tunesmith.core.chart.SeriesData
import dev.tunesmith.core.client.Backoff
import dev.tunesmith.core.client.ClientState
import dev.tunesmith.core.client.Limits
import dev.tunesmith.core.client.ServerCommand
import dev.tunesmith.core.client.TunesmithClient
import dev.tunesmith.core.curves.CurvesModel
import dev.tunesmith.core.curves.RunCurves
import dev.tunesmith.core.environment.EnvironmentEnd
import dev.tunesmith.core.environment.EnvironmentMaker
import dev.tunesmith.core.environment.EnvironmentPlan
import dev.tunesmith.core.environment.ProcessRunner
import dev.tunesmith.core.environment.SessionState
import dev.tunesmith.core.environment.WizardSession
import dev.tunesmith.core.launch.JobRun
import dev.tunesmith.core.launch.JobRunState
import dev.tunesmith.core.launch.RunSettings
import dev.tunesmith.core.protocol.BlockKind
import dev.tunesmith.core.protocol.ClientOptions
import dev.tunesmith.core.protocol.Command
import dev.tunesmith.core.protocol.CompareParams
import dev.tunesmith.core.protocol.EventsParams
import dev.tunesmith.core.protocol.ExportParams
import dev.tunesmith.core.protocol.Methods
import dev.tunesmith.core.protocol.PredictParams
import dev.tunesmith.core.protocol.ReportParams
import dev.tunesmith.core.protocol.RunStatus
import dev.tunesmith.core.protocol.RunSummary
import dev.tunesmith.core.runs.RunActions
import dev.tunesmith.core.runs.RunsModel
import dev.tunesmith.core.runs.RunsState
import dev.tunesmith.core.support.await
import dev.tunesmith.core.support.bareEnvironment
import dev.tunesmith.core.support.python
import dev.tunesmith.core.support.ready
import dev.tunesmith.core.support.wheel
import dev.tunesmith.core.wizard.Loaded
import dev.tunesmith.core.wizard.WizardEvent
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancelChildren
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Path
import java.util.Locale
import kotlin.io.path.readLines
import kotlin.io.path.readText
import kotlin.io.path.writeText
import kotlin.time.Duration.Companion.milliseconds

/** A user's whole way, with nothing replaced but torch's download: the packages are borrowed from the tests' Python. */
@Timeout(600)
internal class EndToEndTest {
    @TempDir
    lateinit var folder: Path

    @Test
    fun `from a csv to a compared model, across kills of the server and of the worker`() {
        val job = runBlocking(Dispatchers.Default) { project() }
        val inside = runBlocking { environment(job.parent) }
        runBlocking(Dispatchers.Default) {
            val client = client(inside, job.parent)
            val runs = RunsModel(client)
            val curves = CurvesModel(client)
            curves.start(this)
            runs.start(this)
            client.start()
            val first = killed(client, runs, curves, job)
            val loss = curve(curves, first)
            val steps = (0 until loss.size).map { loss.step(it) }
            assertEquals((1L..loss.size).toList(), steps, "every step, once")
            stoppedEarly(client, first)
            used(client, first)
            val second = JobRun(client, settings(job, name = "second", "checkpoints.keep=2"))
            val following = launch { second.follow() }
            val going = second.state.await<JobRunState.Going>()
            curves.follow(going.run.id)
            following.join()
            val ended = assertInstanceOf(JobRunState.Ended::class.java, second.state.value).run
            assertEquals(RunStatus.FINISHED, ended.status)
            val undisturbed = curve(curves, ended)
            assertEquals(undisturbed.losses(), loss.losses(), "resumed exactly: as if nobody had killed it")
            compared(client, first, ended)
            coroutineContext.cancelChildren()
        }
    }

    /** The wizard's logic makes a project of a csv; the path of its job. */
    private suspend fun project(): Path = coroutineScope {
        val rows = (1..80).map { if (it % 2 == 0) "where is parcel $it,delivery" else "send invoice $it again,invoice" }
        val data = folder.resolve("messages.csv")
        data.writeText("message,category\n" + rows.joinToString("\n", postfix = "\n"))
        val session = WizardSession(wheel, folder.resolve("cache"), "", listOf(python), this, Dispatchers.IO)
        session.start(listOf(WizardEvent.ChoosePlace(folder.resolve("project").toString(), "messages")))
        session.state.await<SessionState> { it.wizard?.catalog is Loaded.Ready }
        session.send(WizardEvent.ChooseData(data.toString()))
        session.state.await<SessionState> { it.wizard?.preview is Loaded.Ready }
        session.send(WizardEvent.ChooseModel("scratch"))
        session.send(WizardEvent.Finish)
        val state = session.state.await<SessionState> { now ->
            now.wizard?.project.let { it is Loaded.Ready || it is Loaded.Failed }
        }
        val made = (state.wizard?.project as? Loaded.Ready)?.value ?: error("${state.wizard?.project}")
        coroutineContext.cancelChildren()
        Path.of(made.job)
    }

    /** The project's environment, with the runtime out of the wheel; its Python. */
    private suspend fun environment(project: Path): Path {
        bareEnvironment(project.resolve(".venv"))
        val plan = EnvironmentPlan(python, wheel.path, project.resolve(".venv"), dependencies = false)
        val end = EnvironmentMaker(plan, ProcessRunner(Dispatchers.IO), Dispatchers.IO).make()
        return assertInstanceOf(EnvironmentEnd.Made::class.java, end).python
    }

    private fun CoroutineScope.client(inside: Path, project: Path): TunesmithClient {
        val command = ServerCommand.of(inside, project, ClientOptions(trusted = true))
        // What the tests are started with must not lend the server this checkout.
        val own = command.copy(environment = command.environment + ("PYTHONPATH" to ""))
        return TunesmithClient({ own }, this, Dispatchers.IO, Limits(), Backoff(first = 100.milliseconds))
    }

    private fun settings(job: Path, name: String, vararg changes: String) = RunSettings(
        job.toString(),
        name,
        (CHANGES + changes).joinToString("\n"),
        device = "cpu",
    )

    /** The first run: its worker is killed and it is resumed, then its server is killed; it comes to its end. */
    private suspend fun CoroutineScope.killed(
        client: TunesmithClient,
        runs: RunsModel,
        curves: CurvesModel,
        job: Path,
    ): RunSummary {
        val server = client.ready().server
        assertTrue(Path.of(server.python).startsWith(job.parent.toRealPath()), server.python)
        val run = JobRun(client, settings(job, name = "first"))
        val following = launch { run.follow() }
        val id = run.state.await<JobRunState> { it !is JobRunState.Starting }.let {
            (it as? JobRunState.Going)?.run?.id ?: error("$it")
        }
        curves.follow(id)
        val killedAt = points(curves, id, atLeast = EARLY)
        val now = run.state.value
        val going = assertInstanceOf(JobRunState.Going::class.java, now, "it ended too early to be killed").run
        ProcessHandle.of(worker(going)).get().destroyForcibly()
        following.join()
        assertEquals(RunStatus.LOST, (run.state.value as JobRunState.Ended).run.status)
        RunActions(client, Words(Locale.ENGLISH)) { error(it) }.command(id, Command.RESUME)
        points(curves, id, atLeast = killedAt + MORE)
        ProcessHandle.of(server.pid).get().destroyForcibly()
        client.state.await<ClientState.Ready> { it.server.pid != server.pid }
        val ended = runs.state.await<RunsState.Live> { live -> live.runs.single().status in ENDS }.runs.single()
        assertEquals(RunStatus.FINISHED, ended.status, ended.message)
        return ended
    }

    /** How many points of the loss have come live, once there are so many. */
    private suspend fun points(curves: CurvesModel, run: String, atLeast: Int): Int =
        curves.state.await<Map<String, RunCurves>> { (it[run]?.get("loss")?.size ?: 0) >= atLeast }
            .getValue(run).getValue("loss").size

    private fun worker(run: RunSummary): Long =
        JsonParser.parseString(Path.of(run.path).resolve("state.json").readText()).asJsonObject.get("pid").asLong

    private suspend fun curve(curves: CurvesModel, run: RunSummary): SeriesData =
        curves.state.await<Map<String, RunCurves>> { it[run.id]?.get("loss")?.size?.toLong() == run.step }
            .getValue(run.id).getValue("loss")

    private fun SeriesData.losses(): List<Double> = (0 until size).map { value(it) }

    private suspend fun stoppedEarly(client: TunesmithClient, run: RunSummary) {
        assertTrue(run.step < checkNotNull(run.totalSteps), "${run.step} of ${run.totalSteps}")
        val kinds = client.request(Methods.events, EventsParams(run.id)).events.filter { it.current }.map { it.kind }
        assertTrue("early-stop" in kinds && "evaluation" in kinds, "$kinds")
    }

    /** Confusion matrix, hardest row, prediction and export come back through the client. */
    private suspend fun used(client: TunesmithClient, run: RunSummary) {
        val report = client.request(Methods.report, ReportParams(run.id))
        val matrix = report.blocks.single { it.kind == BlockKind.MATRIX }
        assertEquals(setOf("delivery", "invoice"), matrix.labels.toSet())
        assertEquals(HELD_OUT, matrix.counts.flatten().sum())
        val classes = report.blocks.single { it.name == "by_class" }
        assertEquals(HELD_OUT, classes.cells.filter { it.first() in matrix.labels }.sumOf { it.last() as Long })
        val hardest = report.hardest.first()
        val line = Path.of(checkNotNull(hardest.file)).readLines()[checkNotNull(hardest.line).toInt() - 1]
        assertEquals("${hardest.values.getValue("text")},${hardest.expected}", line)
        val asked = PredictParams(run.id, texts = listOf("send invoice 17 again", "where is parcel 18"))
        val answers = client.request(Methods.predict, asked).answers.map { it.answer.values.map(Any?::toString) }
        assertTrue("invoice" in answers[0] && "delivery" in answers[1], "$answers")
        val export = client.request(Methods.export, ExportParams(run.id, to = folder.resolve("export").toString()))
        assertTrue(export.files.any { it.name == "model.safetensors" && it.bytes > 0 }, "${export.files}")
    }

    private suspend fun compared(client: TunesmithClient, first: RunSummary, second: RunSummary) {
        val comparison = client.request(Methods.compare, CompareParams(listOf(first.id, second.id)))
        val keep = comparison.settings.single { it.name == "checkpoints.keep" }
        assertEquals(listOf("3", "2"), keep.values.map { it.toString().removeSuffix(".0") })
        assertEquals(emptyList<Any>(), comparison.data + comparison.metrics.filter { "loss" in it.name })
    }

    private companion object {
        /** So little that a run takes seconds, and long enough to be killed in the middle of it. */
        val CHANGES = listOf(
            "model={scratch: {layers: 1, width: 32, heads: 2, vocabulary: 400, window: 24}}",
            "training.epochs=2000",
            "training.batch_size=8",
            "training.learning_rate=1e-3",
            "evaluation.every=40 steps",
            "evaluation.patience=8",
            "checkpoints.every=20 steps",
            "seed=3",
        )
        val ENDS = setOf(RunStatus.FINISHED, RunStatus.FAILED, RunStatus.STOPPED)
        const val EARLY = 60
        const val MORE = 20
        const val HELD_OUT = 8L
    }
}
