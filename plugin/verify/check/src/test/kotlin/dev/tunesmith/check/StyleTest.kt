package dev.tunesmith.check

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import java.io.File

class StyleTest {
    @Test
    fun `ktlint has nothing to say`() {
        val log = File.createTempFile("ktlint", ".log").apply { deleteOnExit() }
        val sources = listOf("plugin/*/src/**/*.kt", "plugin/verify/*/src/**/*.kt", "*.gradle.kts")
        val status = ProcessBuilder(Project.java("ktlint.jar") + "--relative" + sources)
            .directory(Project.root.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log)
            .start()
            .waitFor()
        assertEquals(0, status, log::readText)
    }
}
