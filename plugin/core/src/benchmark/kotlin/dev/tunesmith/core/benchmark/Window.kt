package dev.tunesmith.core.window

import dev.tunesmith.core.chart.ChartBoard
import dev.tunesmith.core.chart.SeriesData
import dev.tunesmith.core.client.Limits
import dev.tunesmith.core.client.TunesmithClient
import dev.tunesmith.core.look.Theme
import dev.tunesmith.core.look.dress
import dev.tunesmith.core.look.eventually
import dev.tunesmith.core.look.onUi
import dev.tunesmith.core.look.only
import dev.tunesmith.core.panels.Intent
import dev.tunesmith.core.runs.RunsState
import dev.tunesmith.core.support.python
import dev.tunesmith.core.support.ready
import dev.tunesmith.core.support.real
import dev.tunesmith.core.support.withClient
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.launch
import java.lang.management.ManagementFactory
import java.nio.file.Path
import java.util.Collections
import javax.swing.SwingUtilities
import kotlin.io.path.createTempDirectory
import kotlin.io.path.toPath
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.nanoseconds
import kotlin.time.DurationUnit
import kotlin.time.TimeSource

/**
 * Opens the tool window on a project with a thousand runs, through the real server, and draws twenty live runs with
 * fifty series each at ten updates a second:
 *
 *     mvn -f plugin/verify -pl core test-compile exec:java -Dexec.classpathScope=test -Dtunesmith.root=. \
 *         -Dexec.mainClass=dev.tunesmith.core.window.WindowBenchmarkKt -Dtunesmith.python=.venv/bin/python
 */
public fun main() {
    System.setProperty("java.awt.headless", "false")
    onUi { dress(Theme.LIGHT) }
    opening(createTempDirectory("tunesmith"))
    living(createTempDirectory("tunesmith"))
    System.exit(0)
}

private fun script(vararg arguments: String): Process {
    val script = checkNotNull(WindowRig::class.java.getResource("/servers/live_runs.py")).toURI().toPath()
    return ProcessBuilder(python.toString(), "$script", *arguments)
        .redirectError(ProcessBuilder.Redirect.INHERIT).start()
}

/**
 * From the click on the tool window's button to all rows in a painted table, and how much of that is the wait for the
 * list from the server, which runs already.
 */
private fun opening(folder: Path) {
    check(script("many", "$folder", "$RUNS").waitFor() == 0)
    withClient(real(folder), Limits()) { client ->
        client.ready()
        repeat(ROUNDS) { round -> println("opening on $RUNS runs, round ${round + 1}: ${open(client, folder, this)}") }
    }
}

private suspend fun open(client: TunesmithClient, folder: Path, scope: CoroutineScope): String {
    val began = TimeSource.Monotonic.markNow()
    val rig = WindowRig(client, folder, scope)
    val built = began.elapsedNow()
    rig.runs.state.first { it is RunsState.Live }
    val listed = began.elapsedNow()
    while (onUi { rig.table.rowCount } < RUNS) delay(1.milliseconds)
    onUi { rig.table.paintImmediately(rig.table.visibleRect) }
    return "${began.elapsedNow()} (built after $built, listed after $listed)".also {
        rig.end()
        rig.close()
    }
}

private fun living(folder: Path) {
    withClient(real(folder), Limits()) { client ->
        client.ready()
        val rig = WindowRig(client, folder, this)
        val writer = script("live", "$folder", "$LIVE", "$SERIES", "$PER_SECOND", "$SECONDS")
        eventually("all runs are listed") { rig.table.rowCount == LIVE }
        val ids = (rig.runs.state.value as RunsState.Live).runs.map { it.id }
        onUi { ids.forEach { rig.window.take(Intent.ShowCurves(it, true)) } }
        val board = onUi { rig.window.only<ChartBoard>() }
        eventually("all curves are drawn") { board.state.models.sumOf { it.curves.size } == LIVE * SERIES }
        println("$LIVE runs x $SERIES series x $PER_SECOND a second: " + watch(this) { writer.waitFor() })
        val (steps, seconds) = writer.inputReader().readText().trim().split(" ")
        println("written: $steps records of each series in $seconds s")
        val seen = { board.state.models.map { model -> model.curves.map { it.data.size } } }
        eventually("nothing is lost", seen) {
            board.state.models.all { model -> model.curves.all { records(it.data) == steps.toLong() } }
        }
        println("nothing lost: each of $steps x $SERIES x $LIVE records is in the charts, with the value of its step")
        rig.end()
        rig.close()
    }
}

/** How many records there are, singly or in stretches; each value must be that of its step. */
private fun records(data: SeriesData): Long = (0 until data.size).sumOf { at ->
    check(data.low(at) >= 1.0 && data.high(at) >= data.low(at))
    if (data.count(at) == 1) check(data.value(at) == data.step(at).toDouble()) { "wrong value at $at" }
    data.count(at).toLong()
}

/** How busy the UI thread is while [what] lasts, and how long a click would wait. */
private suspend fun watch(scope: CoroutineScope, what: () -> Unit): String {
    val thread = onUi { Thread.currentThread().threadId() }
    val threads = ManagementFactory.getThreadMXBean()
    val waits = Collections.synchronizedList(ArrayList<Double>())
    val clicks = scope.launch {
        while (true) {
            val clicked = TimeSource.Monotonic.markNow()
            SwingUtilities.invokeLater { waits += clicked.elapsedNow().toDouble(DurationUnit.MILLISECONDS) }
            delay(50.milliseconds)
        }
    }
    val before = threads.getThreadCpuTime(thread)
    val began = TimeSource.Monotonic.markNow()
    what()
    val busy = (threads.getThreadCpuTime(thread) - before).nanoseconds / began.elapsedNow()
    clicks.cancel()
    val sorted = waits.sorted()
    return "UI thread busy %.1f %%, a click waits p50 %.1f ms, p95 %.1f ms, at most %.1f ms".format(
        busy * 100,
        sorted[sorted.size / 2],
        sorted[sorted.size * 95 / 100],
        sorted.last(),
    )
}

private const val RUNS = 1_000
private const val ROUNDS = 5
private const val LIVE = 20
private const val SERIES = 50
private const val PER_SECOND = 10
private const val SECONDS = 40
