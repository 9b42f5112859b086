package dev.tunesmith.core.window

import dev.tunesmith.core.Words
import dev.tunesmith.core.client.Limits
import dev.tunesmith.core.client.TunesmithClient
import dev.tunesmith.core.protocol.RunSummary
import dev.tunesmith.core.runs.RunsModel
import dev.tunesmith.core.support.ready
import dev.tunesmith.core.support.real
import dev.tunesmith.core.support.withClient
import dev.tunesmith.core.swing.Stage
import dev.tunesmith.core.swing.onUi
import dev.tunesmith.core.swing.only
import dev.tunesmith.core.swing.tree
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.cancelAndJoin
import java.awt.Component
import java.awt.Dimension
import java.nio.file.Path
import java.time.ZoneOffset
import java.util.Locale
import java.util.concurrent.Executors
import javax.swing.JMenuItem
import javax.swing.JTabbedPane
import javax.swing.JTable
import javax.swing.SwingUtilities
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds

/** An IDE whose user says yes to everything, and what it was called for. */
internal class AgreeingHost(private val folder: Path) : IdeHost {
    val asked: MutableList<String> = mutableListOf()

    override fun openPlace(file: String, line: Long?) = note("open $file:$line")

    override fun openFolder(path: String) = note("folder $path")

    override fun follow(run: RunSummary) = note("follow ${run.name}")

    override fun openSettings() = note("settings")

    override fun replay(run: String, step: Long) = note("replay $run $step")

    override suspend fun confirm(title: String, question: String, action: String): Boolean =
        note("$action? $question").let { true }

    override suspend fun fileToSave(title: String, name: String): Path = folder.resolve(name)

    override suspend fun folderToSave(title: String): Path = folder

    override suspend fun fileToRead(title: String): Path = folder.resolve("data/docstrings.csv")

    override fun tell(words: String, isFailure: Boolean, folder: Path?) =
        note(listOfNotNull(words, folder?.let { "show $it" }).joinToString("; "))

    private fun note(what: String) {
        check(SwingUtilities.isEventDispatchThread()) { "$what: not on the UI thread" }
        asked += what
    }
}

/** The tool window on the screen, on a real server in [folder]. */
internal class WindowRig(
    val client: TunesmithClient,
    val folder: Path,
    private val scope: CoroutineScope,
    val words: Words = Words(Locale.ENGLISH),
    size: Dimension = Dimension(1280, 520),
) : AutoCloseable {
    private val background = Executors.newSingleThreadExecutor()
    val host: AgreeingHost = AgreeingHost(folder)
    val runs: RunsModel = RunsModel(client)
    private val listing = runs.start(scope) // before there is a window, as in the IDE
    val window: FineTuningWindow = onUi {
        FineTuningWindow(
            words,
            ZoneOffset.UTC,
            client,
            runs,
            host,
            background,
            { SwingUtilities.invokeLater(it) },
        )
    }
    val stage: Stage = Stage(window, size)
    private val jobs = listOf(listing, window.start(scope))

    val tabs: JTabbedPane get() = window.only()
    val shown: Component get() = tabs.selectedComponent
    val table: JTable get() = window.only { it.accessibleContext.accessibleName == words("runs.title") }

    fun tab(tab: WindowTab) = onUi { tabs.selectedIndex = tab.ordinal }

    /** Click on the run with this name. */
    fun choose(name: String) = onUi {
        val at = (0 until table.rowCount).first { table.getValueAt(it, 1) == name }
        table.setRowSelectionInterval(at, at)
    }

    /** What the table of runs says of this run; null where it is not there. */
    fun row(name: String): List<String>? = (0 until table.rowCount).map { row ->
        (0 until table.columnCount).map { "${table.getValueAt(row, it)}" }
    }.firstOrNull { it[1] == name }

    suspend fun end() {
        jobs.forEach { it.cancelAndJoin() }
    }

    override fun close() {
        stage.close()
        background.shutdown()
    }
}

/** Every item of the menu with these words. */
internal fun Component.menuItem(words: String): JMenuItem = only { it.text == words }

/** [pause]: how long the window shows that the server has ended before another is started by itself. */
internal fun inWindow(
    folder: Path,
    pause: Duration = 500.milliseconds,
    test: suspend CoroutineScope.(WindowRig) -> Unit,
) {
    withClient(real(folder), Limits(), pause) { client ->
        client.ready()
        val rig = WindowRig(client, folder, this)
        rig.use {
            test(rig)
            rig.end()
        }
    }
}

/** Everything that can be read in it now. */
internal fun Component.text(): String = tree().filter { it.isShowing }.joinToString("\n") { component ->
    when (component) {
        is javax.swing.JLabel -> component.text.orEmpty()

        is javax.swing.text.JTextComponent -> component.text

        is JTable -> (0 until component.rowCount).joinToString("\n") { row ->
            (0 until component.columnCount).joinToString(" | ") { "${component.getValueAt(row, it)}" }
        }

        else -> ""
    }
}
