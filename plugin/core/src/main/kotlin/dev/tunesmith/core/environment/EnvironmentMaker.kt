package dev.tunesmith.core.environment

import com.google.gson.Gson
import com.google.gson.JsonParseException
import dev.tunesmith.core.client.PythonCommand
import dev.tunesmith.core.protocol.Finding
import dev.tunesmith.core.protocol.FindingStatus
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.withContext
import java.io.IOException
import java.nio.file.FileVisitResult
import java.nio.file.Files
import java.nio.file.NoSuchFileException
import java.nio.file.Path
import java.nio.file.SimpleFileVisitor
import java.nio.file.attribute.BasicFileAttributes
import kotlin.io.path.createDirectories
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries

/**
 * Carries out a plan, step by step. Cancelling ends the command at work with all that it started, and removes the
 * environment that is not finished; an interpreter that was there before keeps what was installed so far.
 *
 * @param io Where files may be read and removed.
 */
public class EnvironmentMaker(
    private val plan: EnvironmentPlan,
    private val runner: ProcessRunner,
    private val io: CoroutineDispatcher,
) {
    private class Advice(val python: Finding?, val torch: List<String>?, val runtime: List<String>?)

    private class Halted(val fault: EnvironmentFault) : Exception()

    private val work: Path = plan.wheel.toAbsolutePath().parent
    private val interpreters = Interpreters(runner, work)
    private val mutableState = MutableStateFlow(EnvironmentState(plan.steps))
    private var advice = Advice(null, null, null)
    private var findings: List<Finding> = emptyList()
    private var isOurs = false

    /** How far it is. */
    public val state: StateFlow<EnvironmentState> = mutableState.asStateFlow()

    /** Make it; returns how it ended. */
    public suspend fun make(): EnvironmentEnd {
        try {
            for (step in plan.steps) {
                mutableState.update { it.copy(current = step) }
                carryOut(step)
            }
        } catch (cancelled: CancellationException) {
            withContext(NonCancellable) { end(EnvironmentEnd.Cancelled(takenBack())) }
            throw cancelled
        } catch (halted: Halted) {
            return failed(halted.fault)
        } catch (failure: IOException) {
            return failed(EnvironmentFault.NotStarted(failure.message.orEmpty()))
        }
        return end(EnvironmentEnd.Made(plan.python, findings))
    }

    private suspend fun failed(fault: EnvironmentFault): EnvironmentEnd {
        val step = mutableState.value.current ?: EnvironmentStep.LOOK
        return end(EnvironmentEnd.Failed(step, fault, takenBack()))
    }

    private fun end(end: EnvironmentEnd): EnvironmentEnd {
        mutableState.update { it.copy(current = null, end = end) }
        return end
    }

    private suspend fun carryOut(step: EnvironmentStep) {
        when (step) {
            EnvironmentStep.LOOK -> look()
            EnvironmentStep.VENV -> plan.folder?.let { venv(it) }
            EnvironmentStep.TORCH -> packages(advice.torch.orEmpty())
            EnvironmentStep.PACKAGES -> packages(plan.packages.orEmpty())
            EnvironmentStep.RUNTIME -> runtime()
            EnvironmentStep.CHECK -> check()
        }
    }

    private suspend fun look() {
        if (!withContext(io) { plan.wheel.exists() }) throw NoSuchFileException(plan.wheel.toString())
        val lines = ArrayList<String>()
        val status = run(plan.look(), mapOf("PYTHONPATH" to plan.wheel.toString())) { lines += it }
        val last = lines.lastOrNull().orEmpty()
        advice = read(last, Advice::class.java) ?: throw Halted(EnvironmentFault.Ended(status, last))
        val python = advice.python
        if (python != null && python.status == FindingStatus.ERROR) {
            throw Halted(EnvironmentFault.WrongPython(python.message, python.mend))
        }
    }

    /** A virtual environment that works is taken as it is; a broken one is made anew. */
    private suspend fun venv(folder: Path) {
        val isThere = withContext(io) { folder.exists() && folder.listDirectoryEntries().isNotEmpty() }
        val isVenv = isThere && withContext(io) { folder.resolve("pyvenv.cfg").exists() }
        if (isThere && !isVenv) throw Halted(EnvironmentFault.FolderInUse(folder))
        if (isVenv && interpreters.ask(plan.python) != null) return
        withContext(io) { folder.toAbsolutePath().parent.createDirectories() }
        isOurs = true
        must(plan.venv(folder, anew = isThere))
    }

    private suspend fun packages(arguments: List<String>) {
        ensurePip(interpreters.ask(plan.python))
        install(arguments)
    }

    /** Environments that uv has made may lack pip. */
    private suspend fun ensurePip(python: Interpreter?) {
        if (plan.uv == null && python?.hasPip == false) must(plan.pip())
    }

    /** pip leaves a runtime of the same version as it is, even where the wheel was built anew; so it is told twice. */
    private suspend fun runtime() {
        if (plan.dependencies) install(advice.runtime.orEmpty()) else ensurePip(interpreters.ask(plan.python))
        install(listOf("--force-reinstall", "--no-deps", plan.wheel.toString()))
    }

    private suspend fun check() {
        if (interpreters.ask(plan.python)?.runtime == null) throw Halted(EnvironmentFault.NoRuntime)
        if (!plan.dependencies) return
        val lines = ArrayList<String>()
        run(plan.check(), folder = plan.folder?.toAbsolutePath()?.parent ?: work) { lines += it }
        val from = lines.indexOf("[").coerceAtLeast(0)
        findings = read(lines.drop(from).joinToString("\n"), Array<Finding>::class.java).orEmpty().toList()
    }

    private suspend fun install(arguments: List<String>) {
        if (arguments.isNotEmpty()) must(plan.install(arguments))
    }

    private suspend fun must(command: List<String>) {
        var last = ""
        val status = run(command) { if (it.isNotBlank()) last = it.trim() }
        if (status != 0) throw Halted(EnvironmentFault.Ended(status, last))
    }

    private suspend fun run(
        command: List<String>,
        environment: Map<String, String> = emptyMap(),
        folder: Path = work,
        line: (String) -> Unit,
    ): Int {
        mutableState.update { it.printed("$ ${PythonCommand.typed(command)}") }
        return runner.run(command, folder, environment) { text ->
            mutableState.update { it.printed(text) }
            line(text)
        }
    }

    private suspend fun takenBack(): Left {
        val folder = plan.folder
        return when {
            isOurs && folder != null -> if (withContext(io) { removed(folder) }) Left.Nothing else Left.Folder(folder)
            mutableState.value.current in CHANGING -> Left.Packages(plan.python)
            else -> Left.Nothing
        }
    }

    private fun <T> read(text: String, type: Class<T>): T? = try {
        GSON.fromJson(text, type)
    } catch (_: JsonParseException) {
        null
    }

    private companion object {
        val GSON = Gson()
        val CHANGING = EnvironmentStep.entries.filter { it > EnvironmentStep.VENV }
    }
}

/** Removes [folder] with what is in it, but nothing that links in it lead to; whether it is gone. */
private fun removed(folder: Path): Boolean {
    if (!folder.exists()) return true
    return runCatching { Files.walkFileTree(folder, Remover) }.isSuccess
}

private object Remover : SimpleFileVisitor<Path>() {
    override fun visitFile(file: Path, attributes: BasicFileAttributes): FileVisitResult {
        Files.delete(file)
        return FileVisitResult.CONTINUE
    }

    override fun postVisitDirectory(folder: Path, failure: IOException?): FileVisitResult {
        Files.delete(folder)
        return FileVisitResult.CONTINUE
    }
}
