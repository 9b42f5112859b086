package dev.tunesmith.core.launch

import dev.tunesmith.core.job.JobKeys
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class OverrideCompletionTest {
    private val completion = OverrideCompletion(JobKeys.bundled)

    /** What is offered at `|` in [marked]. */
    private fun at(marked: String): Suggestions = completion.at(marked.replace("|", ""), marked.indexOf('|'))

    private fun texts(marked: String) = at(marked).items.map { it.text }

    @Test
    fun `keys that begin as typed come first, then those that hold it, the higher before the deeper`() {
        assertEquals("training.epochs=", texts("training.ep|").first())
        assertEquals("seed=", texts("se|").first())
        assertTrue("training.learning_rate=" in texts("learning|"))
        assertEquals(listOf("task=", "model=", "data="), texts("|").take(3))
        assertTrue(at("|").items.take(3).all { it.goesOn && it.help.isNotEmpty() })
    }

    @Test
    fun `values are those of the key, its default first`() {
        assertEquals("auto", texts("training.optimizer=|").first())
        assertEquals(listOf("adafactor", "adam", "adamw"), texts("training.optimizer= ad|"))
        assertEquals(emptyList<String>(), texts("training.optimizer=adamw|"))
        assertEquals(emptyList<String>(), texts("no.such.key=|"))
    }

    @Test
    fun `each line stands for itself, and what was typed of it is replaced`() {
        val text = "seed=1\n  training.ep|=3\ndevice=cpu"
        val found = at(text)
        val plain = text.replace("|", "")
        assertEquals("training.ep=", plain.substring(found.from, found.to))
        assertEquals("training.epochs=", found.items.first().text)
        val value = at("seed=1\ndevice=c|pu\n")
        assertEquals("cpu", "seed=1\ndevice=cpu\n".substring(value.from, value.to))
    }
}
