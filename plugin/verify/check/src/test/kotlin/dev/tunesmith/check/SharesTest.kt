package dev.tunesmith.check

import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import kotlin.io.path.ExperimentalPathApi
import kotlin.io.path.extension
import kotlin.io.path.readLines
import kotlin.io.path.walk

class SharesTest {
    @OptIn(ExperimentalPathApi::class)
    private fun lines(part: String): Int = Project.plugin.resolve("$part/src/main/kotlin").walk()
        .filter { it.extension == "kt" }
        .sumOf { file -> file.readLines().count { it.isNotBlank() } }

    @Test
    fun `three quarters of the code and more know no IDE`() {
        val core = lines("core")
        val ide = lines("ide")
        assertTrue(core >= 3 * ide, "core has $core lines, ide $ide")
    }
}
