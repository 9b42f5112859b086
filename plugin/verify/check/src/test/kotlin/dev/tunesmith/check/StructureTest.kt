package dev.tunesmith.check

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Path

class StructureTest {
    @TempDir
    lateinit var work: Path

    @Test
    fun `JetBrains' structure library has nothing to say`() {
        val (plugin, messages) = PluginZip.read(work)
        assertEquals(emptyList<String>(), messages)
        assertEquals("dev.tunesmith", plugin?.pluginId)
        assertEquals(Project.versions["version"], plugin?.pluginVersion)
        assertEquals(Project.versions["sinceBuild"], plugin?.sinceBuild?.baselineVersion?.toString())
        assertEquals(null, plugin?.untilBuild)
    }
}
