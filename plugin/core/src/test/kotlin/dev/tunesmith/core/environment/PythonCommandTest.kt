package dev.tunesmith.core.environment

import dev.tunesmith.core.client.PythonCommand
import dev.tunesmith.core.client.ServerCommand
import dev.tunesmith.core.support.python
import dev.tunesmith.core.support.ready
import dev.tunesmith.core.support.real
import dev.tunesmith.core.support.root
import dev.tunesmith.core.support.withClient
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.BeforeEach
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.io.TempDir
import java.io.File.pathSeparator
import java.nio.file.Path
import kotlin.io.path.ExperimentalPathApi
import kotlin.io.path.exists
import kotlin.io.path.extension
import kotlin.io.path.readText
import kotlin.io.path.walk
import kotlin.io.path.writeText

/** A project whose files are named like modules of Python, of the runtime and of what it needs; none is ever run. */
@Timeout(300)
internal class PythonCommandTest {
    @TempDir
    private lateinit var project: Path
    private val snapped get() = project.resolve("snapped")
    private val runner = ProcessRunner(Dispatchers.IO)

    @BeforeEach
    fun `set the traps`() {
        val early = listOf("json", "runpy", "importlib", "pkgutil", "types", "logging", "asyncio", "queue", "random")
        for (name in early + listOf("pip", "venv", "ensurepip", "tunesmith", "pygls", "torch", "sitecustomize")) {
            val trap = "open(r'$snapped', 'a').write('$name ')\nraise ImportError('$name')\n"
            project.resolve("$name.py").writeText(trap)
        }
    }

    private fun run(command: List<String>): Pair<Int, List<String>> = runBlocking {
        val lines = ArrayList<String>()
        runner.run(command, project) { lines += it } to lines
    }

    @Test
    fun `a module runs with its arguments, and its name as that of the program`() {
        val (status, lines) = run(PythonCommand.module(python, "json.tool", "--help"))
        assertEquals(0, status, "$lines")
        assertFalse(snapped.exists())
        assertEquals(
            "$python -m pip install x",
            PythonCommand.typed(PythonCommand.module(python, "pip", "install", "x")),
        )
    }

    @Test
    fun `an interpreter is asked, and plans are carried out, beside a project's files`() {
        val found = runBlocking { Interpreters(runner, project).ask(python) }
        assertNotNull(found?.runtime)
        val plan = EnvironmentPlan(python, project.resolve("none.whl"))
        for (command in listOf(plan.look(), plan.venv(project.resolve("made"), anew = false))) {
            val (status, lines) = run(command.takeIf { "venv" !in it } ?: (command + "--without-pip"))
            assertEquals(0, status, "$command: $lines")
        }
        assertFalse(snapped.exists())
    }

    @Test
    fun `the server starts beside a project's files`() {
        withClient(real(project)) { it.ready() }
        assertFalse(snapped.exists())
    }

    @Test
    fun `a path of Python that is relative leads into no project`() {
        fun path(vararg folders: String) =
            PythonCommand.environment(mapOf("PYTHONPATH" to folders.joinToString(pathSeparator)))
        assertEquals(emptyMap<String, String>(), PythonCommand.environment(emptyMap()))
        assertEquals(emptyMap<String, String>(), path("/a", "/b"))
        assertEquals(mapOf("PYTHONPATH" to "/a"), path("", "/a", "."))
        assertEquals(mapOf("PYTHONPATH" to ""), path("src"))
        val command = ServerCommand.of(python, project, environment = mapOf("PYTHONPATH" to "/mine"))
        assertEquals("/mine", command.environment["PYTHONPATH"])
    }

    @OptIn(ExperimentalPathApi::class)
    @Test
    fun `no other file makes the command line of a Python process`() {
        val sources = listOf("core", "ide").flatMap { root.resolve("plugin/$it/src/main").walk() }
            .filter { it.extension == "kt" && it.fileName.toString() != "PythonCommand.kt" }
        assertEquals(emptyList<Path>(), sources.filter { Regex("\"-[mc]\"").containsMatchIn(it.readText()) })
    }
}
