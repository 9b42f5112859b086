package dev.tunesmith.check

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import kotlin.io.path.ExperimentalPathApi
import kotlin.io.path.extension
import kotlin.io.path.readLines
import kotlin.io.path.walk

/** Our signatures of the platform say where each was read; what they promise is as true as this reading. */
class SignaturesTest {
    @OptIn(ExperimentalPathApi::class)
    private val files =
        Project.plugin.resolve("verify/platform-api/src").walk().filter { it.extension in setOf("java", "kt") }.toList()

    @Test
    fun `each names the platform's source file and the state that it was read from`() {
        assertTrue(files.isNotEmpty())
        val source = Regex("""// Read in (intellij-community|lsp4j): \S+\.(java|kt|xtend) at [0-9a-f]{40}\.""")
        assertEquals(emptyList<String>(), files.filterNot { source.matches(it.readLines().first()) }.map { "$it" })
    }

    @Test
    fun `no body does anything`() {
        val kotlin = files.filter { it.extension == "kt" }.map { it.readLines() }
        assertTrue(kotlin.flatten().none { Regex("""\breturn\b""").containsMatchIn(it) })
    }
}
