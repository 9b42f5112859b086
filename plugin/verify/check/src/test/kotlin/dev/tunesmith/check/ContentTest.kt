package dev.tunesmith.check

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class ContentTest {
    private val version = Project.versions.getValue("version")

    @Test
    fun `the zip carries one jar and the runtime of the same version`() {
        assertEquals(
            setOf("tunesmith/lib/tunesmith-$version.jar", "tunesmith/runtime/tunesmith-$version-py3-none-any.whl"),
            PluginZip.entries.filterNot { it.isDirectory }.map { it.name }.toSet(),
        )
    }

    @Test
    fun `nothing that the IDE brings, and no signature, is packed`() {
        val ours = Regex("dev/tunesmith/(core|ide|shaded/(lsp4j|gson))/.*")
        val classes = PluginZip.jar.keys.filter { it.endsWith(".class") }
        assertEquals(emptyList<String>(), classes.filterNot { ours.matches(it) })
        listOf("core", "ide", "shaded/lsp4j", "shaded/gson").forEach { part ->
            assertTrue(classes.any { it.startsWith("dev/tunesmith/$part/") }, "no class of $part in the jar")
        }
    }

    @Test
    fun `no class refers to a library by the name it had before it was relocated`() {
        val before = Regex("(org/eclipse/lsp4j/jsonrpc|com/google/gson)/.*")
        val found = PluginZip.jar.filterKeys { it.endsWith(".class") }.mapValues { (_, bytes) ->
            namesIn(bytes).filter(before::matches)
        }
        assertEquals(emptyMap<String, Any>(), found.filterValues { it.isNotEmpty() })
    }

    @Test
    fun `what is packed from others is named with its licence`() {
        val notice = PluginZip.text("META-INF/third-party.txt")
        listOf("LSP4J", "EPL-2.0", "Gson", "Apache-2.0").forEach {
            assertTrue(it in notice, "$it is not in the notice")
        }
    }

    @Test
    fun `every entry carries the same fixed time`() {
        assertEquals(1, PluginZip.entries.map { it.time }.toSet().size)
    }
}
