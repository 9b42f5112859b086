package dev.tunesmith.core.debug

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import kotlin.random.Random

class ParameterLineTest {
    /** How the IDE reads a line of parameters: quotes join and vanish, a backslash before a quote makes it a letter. */
    private fun read(line: String, singleQuotes: Boolean): List<String> {
        val found = mutableListOf<String>()
        val word = StringBuilder()
        var quote: Char? = null
        var isWord = false
        var place = 0
        val quotes = if (singleQuotes) "\"'" else "\""
        while (place < line.length) {
            val letter = line[place++]
            val here = quote
            when {
                letter == '\\' && place < line.length && (here?.let { line[place] == it } ?: (line[place] in quotes)) ->
                    word.append(line[place++])

                here == null && letter in quotes -> {
                    quote = letter
                    isWord = true
                }

                letter == here -> quote = null

                here == null && letter.isWhitespace() -> {
                    if (isWord || word.isNotEmpty()) found += word.toString()
                    word.clear()
                    isWord = false
                }

                else -> word.append(letter)
            }
        }
        if (isWord || word.isNotEmpty()) found += word.toString()
        return found
    }

    private fun check(parameters: List<String>) {
        val line = ParameterLine.join(parameters)
        listOf(false, true).forEach { assertEquals(parameters, read(line, singleQuotes = it), line) }
    }

    @Test
    fun `what users type arrives as it was`() {
        check(listOf("run", "jobs/my reviews.job.yaml", "--name=it's \"good\"", "--set=method={lora: {rank: 8}}"))
        check(listOf("""--break-on=row=C:\data\a.csv:12""", """C:\with blank\""", """C:\plain\""", "", "a|b", "\t"))
        assertEquals("run --step=3", ParameterLine.join(listOf("run", "--step=3")))
    }

    @Test
    fun `so does anything else`() {
        val random = Random(7)
        val letters = "ab \"'\\|\t={}$"
        repeat(20_000) {
            check(List(random.nextInt(1, 4)) { List(random.nextInt(0, 7)) { letters.random(random) }.joinToString("") })
        }
    }
}
