package dev.tunesmith.core

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.text.MessageFormat
import java.util.Locale
import java.util.Properties

internal class WordsTest {
    private fun bundle(suffix: String): Map<String, String> {
        val name = "/messages/Tunesmith$suffix.properties"
        val stream = Words::class.java.getResourceAsStream(name) ?: error("no $name")
        return stream.reader().use { reader -> Properties().also { it.load(reader) } }.map { (key, value) ->
            "$key" to
                "$value"
        }.toMap()
    }

    private val english = bundle("")
    private val chinese = bundle("_zh_CN")

    /** Which arguments a text takes, and of which kind. */
    private fun places(text: String): Map<Int, String> =
        Regex("""\{(\d+)(?:,(\w+))?""").findAll(text).groupBy({ it.groupValues[1].toInt() }, { it.groupValues[2] })
            .mapValues { (_, kinds) -> kinds.max() }

    @Test
    fun `both languages have the same keys`() {
        assertEquals(english.keys.sorted(), chinese.keys.sorted())
    }

    @Test
    fun `both languages take the same arguments`() {
        for ((key, text) in english) assertEquals(places(text).keys, places(chinese.getValue(key)).keys, key)
    }

    @Test
    fun `every text is a message that can be filled in`() {
        for ((key, text) in english.toList() + chinese.toList()) {
            val filled = MessageFormat(text, Locale.ROOT).format(
                Array<Any>(9) {
                    if (places(text)[it] in NUMBERS) {
                        2
                    } else {
                        "ARGUMENT$it"
                    }
                },
            )
            assertTrue(filled.isNotBlank(), key)
            for ((number, kind) in places(text)) {
                if (kind !in NUMBERS) assertTrue("ARGUMENT$number" in filled, "$key: $filled")
            }
        }
    }

    @Test
    fun `Chinese is Chinese`() {
        val same = chinese.filter { (key, text) -> text == english[key] && text.any { it.isLetter() } }
        assertEquals(emptyMap<String, String>(), same)
        assertEquals("步数", Words(Locale.SIMPLIFIED_CHINESE)("chart.axis.step"))
    }

    @Test
    fun `a language without a bundle is served in English`() {
        assertEquals("Step", Words(Locale.forLanguageTag("eo"))("chart.axis.step"))
    }

    private companion object {
        /** Kinds of place that take a number. */
        val NUMBERS = setOf("choice", "number")
    }
}
