package dev.tunesmith.core.environment

import dev.tunesmith.core.support.await
import dev.tunesmith.core.support.bareEnvironment
import dev.tunesmith.core.support.output
import dev.tunesmith.core.support.python
import dev.tunesmith.core.support.until
import dev.tunesmith.core.support.wheel
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Assumptions.assumeTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Path
import kotlin.io.path.createDirectories
import kotlin.io.path.createSymbolicLinkPointingTo
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.readText
import kotlin.io.path.writeText

/** Makes real environments with the tests' Python and the wheel of this checkout; all but torch and the like. */
@Timeout(600)
internal class EnvironmentMakerTest {
    @TempDir
    lateinit var folder: Path

    private val runner = ProcessRunner(Dispatchers.IO)
    private val target get() = folder.resolve("project").createDirectories().resolve(".venv")

    private val uv =
        Interpreters.onPath("uv", System.getenv("PATH")) ?: python.resolveSibling("uv").takeIf { it.exists() }

    /** With uv, where there is one: it is fast. */
    private fun plan(uv: Path? = this.uv) = EnvironmentPlan(python, wheel.path, target, uv, dependencies = false)

    private fun isFilled() = target.exists() && target.listDirectoryEntries().isNotEmpty()

    private fun maker(plan: EnvironmentPlan) = EnvironmentMaker(plan, runner, Dispatchers.IO)

    private fun made(plan: EnvironmentPlan): EnvironmentState = runBlocking {
        val maker = maker(plan)
        maker.make()
        maker.state.value
    }

    private fun version(python: Path): String =
        output(python.toString(), "-c", "import tunesmith as t; print(t.__version__)").trim()

    @Test
    fun `python and pip make an environment with the runtime in it, and the log has all of it`() {
        val state = made(plan(uv = null))
        val end = assertInstanceOf(EnvironmentEnd.Made::class.java, state.end, state.log.joinToString("\n"))
        assertEquals(Interpreters.of(target), end.python)
        assertEquals(wheel.version, version(end.python))
        assertEquals(1.0, state.fraction)
        assertTrue(state.log.any { it == "$ $python -m venv $target" }, "${state.log}")
        assertTrue(state.log.any { it.startsWith("Successfully installed tunesmith") }, "${state.log}")
    }

    @Test
    fun `uv does it where there is one, and leaves a pip`() {
        assumeTrue(uv != null, "no uv here")
        val state = made(plan())
        val end = assertInstanceOf(EnvironmentEnd.Made::class.java, state.end, state.log.joinToString("\n"))
        val asked = runBlocking { Interpreters(runner, folder).ask(end.python) }
        assertEquals(wheel.version, asked?.runtime)
        assertEquals(true, asked?.isVirtual)
        assertEquals(true, asked?.hasPip)
    }

    @Test
    fun `an environment that works is taken as it is, and its runtime replaced`() {
        val inside = bareEnvironment(target)
        val packages = "import sysconfig; print(sysconfig.get_paths()['purelib'])"
        val site = Path.of(output(inside.toString(), "-c", packages).trim())
        site.resolve("tunesmith").createDirectories().resolve("__init__.py").writeText("__version__ = 'old'\n")
        val state = made(plan())
        assertInstanceOf(EnvironmentEnd.Made::class.java, state.end, state.log.joinToString("\n"))
        assertEquals(wheel.version, version(inside))
        assertTrue(site.resolve("borrowed.pth").exists())
    }

    @Test
    fun `doctor has the last word on what was installed`() {
        val inside = bareEnvironment(target)
        made(plan())
        val state = made(EnvironmentPlan(inside, wheel.path, packages = listOf("--no-index", "packaging")))
        val end = assertInstanceOf(EnvironmentEnd.Made::class.java, state.end, state.log.joinToString("\n"))
        assertTrue(end.findings.any { it.code == "env.python-version" && it.status == "ok" }, "${end.findings}")
        assertEquals(listOf(EnvironmentStep.PACKAGES, EnvironmentStep.CHECK), state.steps)
    }

    @Test
    fun `cancelling ends every process and leaves nothing of the environment`() = runBlocking {
        val maker = maker(plan(uv = null))
        val making = launch(Dispatchers.Default) { maker.make() }
        until("venv fills the folder", { maker.state.value }) { isFilled() || maker.state.value.end != null }
        making.cancelAndJoin()
        assertEquals(EnvironmentEnd.Cancelled(Left.Nothing), maker.state.value.end)
        assertFalse(target.exists())
        val ours = ProcessHandle.current().descendants().toList()
        assertEquals(emptyList<String>(), ours.map { it.info().commandLine().orElse("") }.filter { "$target" in it })
    }

    @Test
    fun `cancelling the completion of an interpreter says that packages may stay in it`() = runBlocking {
        val inside = bareEnvironment(target)
        val maker = maker(EnvironmentPlan(inside, wheel.path, dependencies = false))
        val making = launch(Dispatchers.Default) { maker.make() }
        maker.state.await<EnvironmentState> { it.current == EnvironmentStep.RUNTIME || it.end != null }
        making.cancelAndJoin()
        assertEquals(EnvironmentEnd.Cancelled(Left.Packages(inside)), maker.state.value.end)
        assertTrue(inside.exists())
    }

    @Test
    fun `a folder with anything else in it is not touched`() {
        val file = target.createDirectories().resolve("thesis.txt").apply { writeText("mine") }
        val end = assertInstanceOf(EnvironmentEnd.Failed::class.java, made(plan()).end)
        assertEquals(EnvironmentFault.FolderInUse(target), end.fault)
        assertEquals(Left.Nothing, end.left)
        assertEquals("mine", file.readText())
    }

    @Test
    fun `a broken environment is made anew, and what its links lead to stays`() {
        val outside = folder.resolve("outside").createDirectories().resolve("kept.txt").apply { writeText("kept") }
        target.createDirectories().resolve("pyvenv.cfg").writeText("home = /nowhere\n")
        target.resolve("link").createSymbolicLinkPointingTo(outside.parent)
        val broken = EnvironmentPlan(python, folder.resolve("missing.whl"), target, dependencies = false)
        val end = assertInstanceOf(EnvironmentEnd.Failed::class.java, made(broken).end)
        assertEquals(EnvironmentStep.LOOK, end.step)
        val state = made(plan())
        assertInstanceOf(EnvironmentEnd.Made::class.java, state.end, state.log.joinToString("\n"))
        assertEquals("kept", outside.readText())
    }

    @Test
    fun `what cannot be installed fails with the last words of it, and nothing is left`() {
        val forOthers = folder.resolve("tunesmith-${wheel.version}-py2-none-any.whl")
        wheel.path.toFile().copyTo(forOthers.toFile())
        val state = made(plan().copy(wheel = forOthers))
        val end = assertInstanceOf(EnvironmentEnd.Failed::class.java, state.end, state.log.joinToString("\n"))
        assertEquals(EnvironmentStep.RUNTIME, end.step)
        val fault = assertInstanceOf(EnvironmentFault.Ended::class.java, end.fault)
        assertTrue(fault.status != 0 && fault.line.isNotBlank(), "$fault")
        assertEquals(Left.Nothing, end.left)
        assertFalse(target.exists())
    }

    @Test
    fun `a program that is no Python is said to be none`() {
        val end = made(plan().copy(base = Path.of("/bin/echo"))).end
        assertInstanceOf(EnvironmentFault.Ended::class.java, (end as EnvironmentEnd.Failed).fault)
        val gone = made(plan().copy(base = folder.resolve("python"))).end
        assertInstanceOf(EnvironmentFault.NotStarted::class.java, (gone as EnvironmentEnd.Failed).fault)
    }
}
