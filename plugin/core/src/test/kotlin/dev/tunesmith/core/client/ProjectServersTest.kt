package dev.tunesmith.core.client

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.nio.file.Path
import java.util.Locale

internal class ProjectServersTest {
    private class Host(
        override val isTrusted: Boolean,
        override val settings: PluginSettings = PluginSettings(),
        private val known: List<ProjectInterpreter> = emptyList(),
        override val folder: Path? = Path.of("/project"),
    ) : ProjectHost {
        override fun interpreters(): List<ProjectInterpreter> = known
    }

    /** Notes whoever asks it for more than trust. */
    private object Untrusted : ProjectHost {
        override val isTrusted get() = false
        override val folder: Path? get() = error("the folder was asked for")
        override val settings: PluginSettings get() = error("settings were read, which may be the project's own")

        override fun interpreters() = error("an interpreter was looked for")
    }

    private fun located(host: ProjectHost) = serverOf(host, Locale.ENGLISH)

    private fun reason(host: ProjectHost) = assertThrows(ServerNotLocated::class.java) { located(host) }.reason

    @Test
    fun `before a project is trusted nothing of it is asked for`() {
        assertEquals(LostReason.Untrusted, reason(Untrusted))
    }

    @Test
    fun `the interpreter from the settings comes before those of the modules`() {
        val known = listOf(ProjectInterpreter("/ssh/python", true), ProjectInterpreter("/usr/bin/python3", false))
        assertEquals("/usr/bin/python3", located(Host(true, known = known)).command.first())
        val chosen = located(Host(true, PluginSettings("/my/python", folder = "/large/disk"), known))
        assertEquals("/my/python", chosen.command.first())
        assertEquals(Path.of("/project"), chosen.folder)
        assertTrue(chosen.options.trusted)
        assertEquals("/large/disk", chosen.environment["TUNESMITH_FOLDER"])
    }

    @Test
    fun `where there is no local interpreter the reason says which`() {
        assertEquals(LostReason.NoInterpreter, reason(Host(true)))
        assertEquals(LostReason.NoInterpreter, reason(Host(true, folder = null)))
        val remote = listOf(ProjectInterpreter("/ssh/python", true), ProjectInterpreter(null, false))
        assertEquals(LostReason.RemoteInterpreter, reason(Host(true, known = remote)))
    }
}
