package dev.tunesmith.core.environment

import dev.tunesmith.core.support.await
import dev.tunesmith.core.support.bareEnvironment
import dev.tunesmith.core.support.python
import dev.tunesmith.core.support.until
import dev.tunesmith.core.support.wheel
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Path
import kotlin.io.path.exists

@Timeout(300)
internal class SetupTest {
    @TempDir
    lateinit var folder: Path

    private val own get() = folder.resolve("cache").resolve("python")

    private fun CoroutineScope.setup(vararg known: Path) =
        Setup(wheel, own, path = "", known.toList(), this, Dispatchers.IO).apply { look() }

    private suspend fun Setup.looked() = state.await<SetupState> { !it.isLooking }

    @Test
    fun `a Python that has this runtime is taken at once`() = runBlocking(Dispatchers.Default) {
        val state = setup(python).looked()
        assertEquals(python.toRealPath(), state.ready?.toRealPath())
        assertFalse(state.canMake)
    }

    @Test
    fun `without one nothing is made until the user says so, and what is cancelled leaves nothing`() =
        runBlocking(Dispatchers.Default) {
            val bare = bareEnvironment(folder.resolve("bare"))
            val setup = setup(bare)
            val state = setup.looked()
            assertNull(state.ready)
            assertEquals(bare, state.chosen?.path)
            assertFalse(own.parent.exists())
            setup.make()
            until("it has begun", { setup.state.value }) { own.exists() || setup.state.value.making?.end != null }
            assertTrue(setup.state.value.isMaking)
            setup.cancel()
            val ended = setup.state.await<SetupState> { it.making?.end != null }
            assertEquals(EnvironmentEnd.Cancelled(Left.Nothing), ended.making?.end)
            assertFalse(own.exists())
            assertTrue(ended.canMake)
        }

    @Test
    fun `a program that is no Python cannot be chosen, one with the runtime ends the search`() =
        runBlocking(Dispatchers.Default) {
            val setup = setup()
            assertEquals(emptyList<Interpreter>(), setup.looked().found)
            setup.choose(Path.of("/bin/echo")).join()
            assertNull(setup.state.value.chosen)
            setup.choose(python).join()
            assertEquals(python.toRealPath(), setup.state.value.ready?.toRealPath())
        }
}
