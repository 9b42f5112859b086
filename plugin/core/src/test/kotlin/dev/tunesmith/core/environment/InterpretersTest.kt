package dev.tunesmith.core.environment

import dev.tunesmith.core.support.await
import dev.tunesmith.core.support.bareEnvironment
import dev.tunesmith.core.support.python
import dev.tunesmith.core.support.wheel
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Path
import kotlin.io.path.createDirectories
import kotlin.io.path.createSymbolicLinkPointingTo

@Timeout(300)
internal class InterpretersTest {
    @TempDir
    lateinit var folder: Path

    private val runner = ProcessRunner(Dispatchers.IO)
    private val interpreters get() = Interpreters(runner, folder)

    @Test
    fun `an interpreter tells what it is, and whether the runtime is in it`() = runBlocking {
        val ours = checkNotNull(interpreters.ask(python))
        assertTrue(ours.version.startsWith("3."), ours.version)
        assertEquals(wheel.version, ours.runtime)
        val bare = checkNotNull(interpreters.ask(bareEnvironment(folder.resolve("bare"))))
        assertNull(bare.runtime)
        assertTrue(bare.isVirtual)
        assertNull(interpreters.ask(Path.of("/bin/echo")))
        assertNull(interpreters.ask(folder.resolve("nowhere")))
    }

    @Test
    fun `every Python on the path is found, once`() = runBlocking {
        val first = folder.resolve("first").createDirectories()
        first.resolve("python3").createSymbolicLinkPointingTo(python)
        first.resolve("python").createSymbolicLinkPointingTo(python)
        val path = listOf(first, folder.resolve("nowhere")).joinToString(java.io.File.pathSeparator)
        assertEquals(1, interpreters.find(path).size)
        assertEquals(emptyList<Interpreter>(), interpreters.find(folder.toString()))
    }

    @Test
    fun `the wheel says which Pythons it is for`() {
        assertTrue(listOf("3.10.0", "3.11.7", "3.13.9").all(wheel::fits))
        assertFalse(listOf("2.7.18", "3.9.21", "3.14.0", "3.14.0rc1").any(wheel::fits))
    }

    @Test
    fun `cancelling a command ends its children too`() = runBlocking {
        val script =
            """
            import subprocess, sys, time
            child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
            print(child.pid, flush=True)
            time.sleep(600)
            """.trimIndent()
        val child = MutableStateFlow(0L)
        val running = launch(Dispatchers.Default) {
            runner.run(listOf("$python", "-c", script), folder) { child.value = it.toLong() }
        }
        val pid = child.await<Long> { it > 0 }
        val handle = ProcessHandle.of(pid).get()
        running.cancelAndJoin()
        handle.onExit().get()
        assertFalse(handle.isAlive)
    }

    @Test
    fun `both streams come line by line, and the exit status after them`() = runBlocking {
        val lines = mutableListOf<String>()
        val script = "import sys; print('one'); print('zwei – 三', file=sys.stderr); sys.exit(3)"
        assertEquals(3, runner.run(listOf("$python", "-c", script), folder) { lines += it })
        assertEquals(listOf("one", "zwei – 三"), lines)
    }
}
