package dev.tunesmith.core.launch

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import java.nio.file.Path

class ConsoleLinkTest {
    private val project = Path.of("/project").toAbsolutePath()

    private fun links(line: String) = consoleLinks(line, project).map {
        Triple(line.substring(it.from, it.to), it.file, it.line)
    }

    @Test
    fun `our own messages, rows of data and tracebacks name places`() {
        assertEquals(
            listOf(Triple("reviews.job.yaml:14", project.resolve("reviews.job.yaml"), 14L)),
            links("error[job.unknown-key]: reviews.job.yaml:14:3: training.learnig_rate\n"),
        )
        assertEquals(
            listOf(Triple("data/reviews.csv:207", project.resolve("data/reviews.csv"), 207L)),
            links("warning: the row at data/reviews.csv:207 has no label\n"),
        )
        val file = Path.of("/home/me/model.py").toAbsolutePath()
        assertEquals(
            listOf(Triple("File \"/home/me/model.py\", line 12", file, 12L)),
            links("  File \"/home/me/model.py\", line 12, in forward\n"),
        )
    }

    @Test
    fun `times and figures are no places`() {
        assertEquals(emptyList<Any>(), links("12:04:31 INFO step 40 of 1240, loss 0.51, took 3:05\n"))
    }
}
