package dev.tunesmith.core.environment

import dev.tunesmith.core.client.Backoff
import dev.tunesmith.core.client.ClientState
import dev.tunesmith.core.client.LostReason
import dev.tunesmith.core.client.ServerCommand
import dev.tunesmith.core.client.ServerLocator
import dev.tunesmith.core.client.ServerNotLocated
import dev.tunesmith.core.client.TunesmithClient
import dev.tunesmith.core.protocol.ClientOptions
import dev.tunesmith.core.protocol.Environment
import dev.tunesmith.core.protocol.Finding
import dev.tunesmith.core.protocol.FindingStatus
import dev.tunesmith.core.protocol.ServerInfo
import dev.tunesmith.core.support.await
import dev.tunesmith.core.support.bareEnvironment
import dev.tunesmith.core.support.hasty
import dev.tunesmith.core.support.wheel
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancelChildren
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Path
import java.time.Instant
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

@Timeout(300)
internal class BannerTest {
    private fun lost(reason: LostReason, vararg log: String) =
        banner(ClientState.Lost(Instant.EPOCH, reason, log.toList(), null), null)

    private fun found(trusted: Boolean, vararg findings: Finding) =
        banner(ClientState.Ready(ServerInfo(trusted = trusted)), Environment(findings = findings.toList()))

    private fun error(code: String, mend: String) = Finding(code, FindingStatus.ERROR, "told by doctor", mend)

    @Test
    fun `each loss of the server that the user can mend has its banner, others have none`() {
        assertEquals(Banner(Trouble.NO_INTERPRETER, Mend.MakeEnvironment), lost(LostReason.NoInterpreter))
        assertEquals(Trouble.NO_INTERPRETER, lost(LostReason.NotStarted("no such file"))?.trouble)
        assertEquals(Mend.ChooseInterpreter, lost(LostReason.RemoteInterpreter)?.mend)
        val absent = "/usr/bin/python3: No module named tunesmith"
        assertEquals(Banner(Trouble.NO_RUNTIME, Mend.InstallRuntime, absent), lost(LostReason.Exited(1), "x", absent))
        val incomplete = lost(LostReason.Exited(1), "ModuleNotFoundError: No module named 'pygls'")
        assertEquals(Trouble.NO_RUNTIME, incomplete?.trouble)
        assertEquals(Mend.InstallRuntime, lost(LostReason.VersionMismatch(2, 1, "0.1"))?.mend)
        assertEquals(Trouble.OLD_RUNTIME, lost(LostReason.Refused("no", "protocol.version-mismatch"))?.trouble)
        val passing = listOf(LostReason.Exited(137), LostReason.Hung(1.seconds), LostReason.Deaf, LostReason.Closed)
        assertEquals(emptyList<Banner>(), (passing + LostReason.Refused("no")).mapNotNull { lost(it) })
        assertEquals(Banner(Trouble.UNTRUSTED, Mend.Trust), lost(LostReason.Untrusted))
        assertNull(banner(ClientState.Connecting, null))
        assertEquals(Trouble.UNTRUSTED, banner(ClientState.Connecting, null, isTrusted = false)?.trouble)
    }

    @Test
    fun `what doctor finds is mended as doctor says, errors first`() {
        val torch = error("env.torch-missing", "pip install torch --index-url https://example.org/cu130")
        val packages = error("env.dependencies", "pip install --upgrade 'numpy>=1.26' \"rich>=13\"")
        val anew = "pip install --force-reinstall torch"
        val gpu = Finding("env.torch-cpu-build", FindingStatus.WARNING, "told by doctor", anew)
        val index = listOf("torch", "--index-url", "https://example.org/cu130")
        assertEquals(Banner(Trouble.NO_TORCH, Mend.Install(index), "told by doctor"), found(true, packages, torch))
        assertEquals(Mend.Install(listOf("--upgrade", "numpy>=1.26", "rich>=13")), found(false, packages, gpu)?.mend)
        assertEquals(Banner(Trouble.UNTRUSTED, Mend.Trust), found(false, gpu))
        assertEquals(Trouble.TORCH_WITHOUT_GPU, found(true, gpu)?.trouble)
        val driver = error("env.driver-too-old", "update the driver, or take a torch that fits it: pip install torch")
        val fitting = Banner(Trouble.TORCH_WITHOUT_GPU, Mend.Install(listOf("torch")), "told by doctor")
        assertEquals(fitting, found(true, driver))
        assertNull(found(true, Finding("env.torch", FindingStatus.OK, "fine"), error("env.little-disk", "make room")))
    }

    /** An IDE that takes a Python when it is asked for the third time. */
    private class SlowToTake : BannerHost {
        val asked = mutableListOf<Path>()

        override val isTrusted get() = true

        override suspend fun plan(mend: Mend): EnvironmentPlan = error("nothing is installed")

        override suspend fun use(python: Path): Boolean {
            asked.add(python)
            return asked.size > 2
        }

        override fun choose() = error("one is chosen")

        override fun trust() = error("it is trusted")
    }

    @Test
    fun `a Python that the IDE does not take is told until it does, after worse things`(@TempDir folder: Path) {
        val python = folder.resolve(".venv/bin/python")
        val host = SlowToTake()
        val locator = ServerLocator { throw ServerNotLocated(LostReason.RemoteInterpreter) }
        runBlocking(Dispatchers.Default) {
            val client = TunesmithClient(locator, this, Dispatchers.IO, hasty, Backoff(1.minutes))
            val model = BannerModel(client, host, this, Dispatchers.IO)
            val told = Banner(Trouble.NOT_TAKEN, Mend.Take(python), "$python")
            checkNotNull(model.take(python)).join()
            assertEquals(told, model.state.value.banner)
            checkNotNull(model.mend()).join()
            assertEquals(told, model.state.value.banner)
            model.start()
            client.start()
            val pressing = model.state.await<BannerState> { it.banner?.trouble == Trouble.REMOTE_INTERPRETER }
            checkNotNull(model.take(python)).join()
            assertEquals(pressing, model.state.value)
            assertEquals(listOf(python, python, python), host.asked)
            coroutineContext.cancelChildren()
        }
    }

    @Test
    fun `a Python that the IDE takes at last is told no more`(@TempDir folder: Path) {
        val host = SlowToTake()
        runBlocking(Dispatchers.Default) {
            val locator = ServerLocator { throw ServerNotLocated(LostReason.NoInterpreter) }
            val model = BannerModel(TunesmithClient(locator, this, Dispatchers.IO), host, this, Dispatchers.IO)
            checkNotNull(model.take(folder)).join()
            repeat(2) { checkNotNull(model.mend()).join() }
            assertEquals(BannerState(), model.state.value)
        }
    }

    /** The real server of a real environment, in which the runtime is missing at first. */
    @Test
    fun `one button installs the missing runtime, and the server comes up`(@TempDir folder: Path) {
        val inside = bareEnvironment(folder.resolve(".venv"))
        var trusted = false
        runBlocking(Dispatchers.Default) {
            // What the tests are started with must not lend the server this checkout.
            val locator = ServerLocator {
                val command = ServerCommand.of(inside, folder, ClientOptions(trusted = trusted))
                command.copy(environment = command.environment + ("PYTHONPATH" to ""))
            }
            val limits = hasty.copy(silence = 1.minutes)
            val client = TunesmithClient(locator, this, Dispatchers.IO, limits, Backoff(1.minutes))
            val host = object : BannerHost {
                override val isTrusted get() = true

                override suspend fun plan(mend: Mend): EnvironmentPlan =
                    EnvironmentPlan(inside, wheel.path, dependencies = false)

                override suspend fun use(python: Path): Boolean = error("it is the project's already")

                override fun choose() = error("there is one")

                override fun trust() {
                    trusted = true
                    client.restart()
                }
            }
            val model = BannerModel(client, host, this, Dispatchers.IO)
            model.start()
            client.start()
            assertEquals(Trouble.NO_RUNTIME, model.state.await<BannerState> { it.banner != null }.banner?.trouble)
            model.mend()
            model.state.await<BannerState> { it.isMending && it.making?.log.orEmpty().isNotEmpty() }
            val untrusted = model.state.await<BannerState> {
                it.banner?.trouble == Trouble.UNTRUSTED || it.making?.end is EnvironmentEnd.Failed
            }
            assertEquals(Banner(Trouble.UNTRUSTED, Mend.Trust), untrusted.banner)
            model.mend()
            val ready = client.state.await<ClientState.Ready> { it.server.trusted }
            assertTrue(Path.of(ready.server.python).startsWith(folder.toRealPath()), ready.server.python)
            model.state.await<BannerState> { it.banner?.trouble != Trouble.UNTRUSTED }
            coroutineContext.cancelChildren()
        }
    }
}
