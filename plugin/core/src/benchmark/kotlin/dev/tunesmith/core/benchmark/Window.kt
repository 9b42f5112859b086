package dev.tunesmith.core.benchmark

import dev.tunesmith.core.chart.ChartBoard
import dev.tunesmith.core.chart.SeriesData
import dev.tunesmith.core.client.Limits
import dev.tunesmith.core.client.TunesmithClient
import dev.tunesmith.core.panels.Intent
import dev.tunesmith.core.runs.RunsState
import dev.tunesmith.core.support.python
import dev.tunesmith.core.support.ready
import dev.tunesmith.core.support.real
import dev.tunesmith.core.support.root
import dev.tunesmith.core.support.withClient
import dev.tunesmith.core.swing.Stage
import dev.tunesmith.core.swing.Theme
import dev.tunesmith.core.swing.dress
import dev.tunesmith.core.swing.eventually
import dev.tunesmith.core.swing.onUi
import dev.tunesmith.core.swing.only
import dev.tunesmith.core.window.WindowRig
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.launch
import java.awt.Dimension
import java.lang.management.ManagementFactory
import java.nio.file.Path
import java.util.Collections
import java.util.Locale
import javax.swing.JButton
import javax.swing.JComponent
import javax.swing.JLabel
import javax.swing.JPanel
import javax.swing.JScrollPane
import javax.swing.JSlider
import javax.swing.JTabbedPane
import javax.swing.JTable
import javax.swing.JTextField
import javax.swing.SwingUtilities
import kotlin.io.path.createTempDirectory
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.nanoseconds
import kotlin.time.Duration.Companion.seconds
import kotlin.time.DurationUnit
import kotlin.time.TimeSource

private fun script(vararg arguments: String): Process {
    val script = root.resolve("plugin/core/src/benchmark/python/runs.py")
    return ProcessBuilder(python.toString(), "$script", *arguments)
        .redirectError(ProcessBuilder.Redirect.INHERIT).start()
}

private fun project(vararg arguments: String): Path = createTempDirectory("tunesmith").also { folder ->
    check(script(arguments.first(), "$folder", *arguments.drop(1).toTypedArray()).waitFor() == 0)
}

private fun inProject(folder: Path, test: suspend CoroutineScope.(TunesmithClient) -> Unit) {
    inServer(folder, test)
    folder.toFile().deleteRecursively()
}

private fun inServer(folder: Path, test: suspend CoroutineScope.(TunesmithClient) -> Unit) {
    onUi { dress(Theme.LIGHT) }
    withClient(real(folder), Limits()) { client ->
        client.ready()
        test(client)
    }
}

/**
 * Opens the window on a project with a thousand runs: from the click on its button to all rows in a painted table, and
 * how much of that is the wait for the list from the server, which runs already. Swing has drawn a window before, as it
 * has in an IDE; of ours the first round is the first.
 */
internal fun opening() = inProject(project("many", "$RUNS")) { client ->
    Stage(anyWindow(), Dimension(600, 400)).use { delay(1.seconds) }
    repeat(ROUNDS) { round -> println("opening on $RUNS runs, round ${round + 1}: ${open(client, this)}") }
}

private fun anyWindow(): JComponent = onUi {
    JTabbedPane().apply {
        addTab("table", JScrollPane(JTable(arrayOf(arrayOf("a", "b")), arrayOf("A", "B"))))
        addTab("form", JPanel().apply { listOf(JLabel("a"), JTextField("b"), JButton("c"), JSlider()).forEach(::add) })
    }
}

private suspend fun open(client: TunesmithClient, scope: CoroutineScope): String {
    val began = TimeSource.Monotonic.markNow()
    val rig = WindowRig(client, createTempDirectory("tunesmith"), scope)
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

/** Opens a run of ten million records: from the click on the run to its painted curve, each time in a fresh server. */
internal fun long() {
    val folder = project("long", "$MANY")
    repeat(ROUNDS) { round -> inServer(folder) { client -> println("round ${round + 1}: ${openLong(client, this)}") } }
    folder.toFile().deleteRecursively()
}

private suspend fun openLong(client: TunesmithClient, scope: CoroutineScope): String {
    val rig = WindowRig(client, createTempDirectory("tunesmith"), scope, size = Dimension(1900, 1100))
    eventually("the run is listed") { rig.table.rowCount == 1 }
    val id = (rig.runs.state.value as RunsState.Live).runs.single().id
    val board = onUi { rig.window.only<ChartBoard>() }
    val empty = heap()
    val began = TimeSource.Monotonic.markNow()
    onUi { rig.window.take(Intent.ShowCurves(id, true)) }
    while (onUi { board.state.models.sumOf { model -> model.curves.sumOf { records(it.data) } } } < MANY) {
        delay(1.milliseconds)
    }
    onUi { board.paintImmediately(board.visibleRect) }
    val opened = began.elapsedNow()
    return "%,d records opened in %s, heap grown by %.1f MB".format(MANY, opened, heap() - empty).also {
        rig.end()
        rig.close()
    }
}

/** Draws twenty live runs with fifty series each at ten updates a second; nothing may be lost. */
internal fun living() {
    val folder = createTempDirectory("tunesmith")
    inProject(folder) { client ->
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
            board.state.models.all { model -> model.curves.all { numbered(it.data) == steps.toLong() } }
        }
        println("nothing lost: each of $steps x $SERIES x $LIVE records is in the charts, with the value of its step")
        rig.end()
        rig.close()
    }
}

/** How many records there are, singly or in stretches. */
private fun records(data: SeriesData): Long = (0 until data.size).sumOf { data.count(it).toLong() }

/** As [records]; each value must be that of its step. */
private fun numbered(data: SeriesData): Long {
    for (at in 0 until data.size) {
        check(data.low(at) >= 1.0 && data.high(at) >= data.low(at))
        if (data.count(at) == 1) check(data.value(at) == data.step(at).toDouble()) { "wrong value at $at" }
    }
    return records(data)
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
    return "UI thread busy %.1f %%, a click waits %s".format(Locale.ROOT, busy * 100, spread(waits))
}

private const val RUNS = 1_000
private const val ROUNDS = 5
private const val LIVE = 20
private const val SERIES = 50
private const val PER_SECOND = 10
private const val SECONDS = 40
