package dev.tunesmith.check

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** The plugin loads and runs in an IDE that lacks LSP or JSON: only the optional parts themselves lead there. */
class OptionalTest {
    private val mayBeMissing =
        listOf("com/intellij/platform/lsp/", "org/eclipse/lsp4j/", "com/jetbrains/jsonSchema/")

    private val named = PluginZip.jar.filterKeys { it.startsWith("dev/tunesmith/") && it.endsWith(".class") }
        .map { (name, bytes) -> name.removeSuffix(".class") to namesIn(bytes) }.toMap()

    /** Those that refer to what may be missing. */
    private val touching = named.filterValues { names -> names.any { isOptional(it) } }.keys

    private fun isOptional(name: String) = mayBeMissing.any { name.startsWith(it) }

    @Test
    fun `only classes that an optional part names refer to what an IDE may lack`() {
        val parts = PluginZip.jar.keys.filter { it.matches(Regex("META-INF/tunesmith-[a-z]+\\.xml")) }
        val implementation = Regex("""(?:[iI]mplementation|implementationClass)="([^"]+)"""")
        val allowed = parts.flatMap { implementation.findAll(PluginZip.text(it)).map { found -> found.groupValues[1] } }
            .map { it.replace('.', '/') }
        assertTrue(touching.size >= mayBeMissing.size, "$touching")
        assertEquals(emptyList<String>(), touching.filterNot { it.substringBefore('$') in allowed })
    }

    @Test
    fun `nothing else refers to them`() {
        val others = named.filterKeys { it !in touching }.mapValues { it.value intersect touching }
        assertEquals(emptyMap<String, Any>(), others.filterValues { it.isNotEmpty() })
    }
}
