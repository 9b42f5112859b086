package dev.tunesmith.core.panels

/** Where a text was found: from one character to another of the whole log. */
internal data class Match(val from: Int, val to: Int)

/** A place in a file that a line of the log names. */
internal data class LogLink(val from: Int, val to: Int, val file: String, val line: Long)

/**
 * What a worker printed, its end: at most [most] characters, cut at whole lines. Progress bars that were written over
 * themselves keep only their last state.
 */
internal data class LogText(val text: String = "", val isCut: Boolean = false, val most: Int = 2_000_000) {
    fun appended(more: String): LogText {
        val joined = if (more.indexOf('\r') < 0) text + more else overwritten(text, more)
        if (joined.length <= most) return copy(text = joined)
        val from = joined.indexOf('\n', joined.length - most) + 1
        return copy(text = joined.substring(from), isCut = true)
    }

    /** All places of [words], in any case; none for nothing. */
    fun find(words: String, limit: Int = 10_000): List<Match> {
        if (words.isEmpty()) return emptyList()
        val found = ArrayList<Match>()
        var at = text.indexOf(words, 0, ignoreCase = true)
        while (at >= 0 && found.size < limit) {
            found += Match(at, at + words.length)
            at = text.indexOf(words, at + words.length, ignoreCase = true)
        }
        return found
    }

    /** The link of the line that holds the character at [index], if it names a place. */
    fun linkAt(index: Int): LogLink? {
        if (index !in text.indices) return null
        val from = text.lastIndexOf('\n', index - 1) + 1
        val to = text.indexOf('\n', index).let { if (it < 0) text.length else it }
        return links(text.substring(from, maxOf(from, to)), from).let { found ->
            found.firstOrNull {
                index in
                    it.from until it.to
            }
                ?: found.firstOrNull()
        }
    }
}

private val TRACEBACK = Regex("File \"([^\"]+)\", line (\\d+)")
private val PLACE = Regex("((?:[A-Za-z]:)?[^\\s:\"'()]+\\.[A-Za-z]{1,6}):(\\d+)")

/** Places as Python's tracebacks and our own messages write them. */
internal fun links(line: String, offset: Int = 0): List<LogLink> =
    (TRACEBACK.findAll(line) + PLACE.findAll(line)).mapNotNull { match ->
        val number = match.groupValues[2].toLongOrNull() ?: return@mapNotNull null
        LogLink(offset + match.range.first, offset + match.range.last + 1, match.groupValues[1], number)
    }.toList()

/** A carriage return that no line feed follows goes back to the beginning of its line. */
private fun overwritten(text: String, more: String): String {
    val start = text.lastIndexOf('\n') + 1
    val last = (text.substring(start) + more).replace("\r\n", "\n")
    return text.substring(0, start) + last.split('\n').joinToString("\n") { line ->
        if (line.endsWith('\r')) line.dropLast(1).substringAfterLast('\r') + "\r" else line.substringAfterLast('\r')
    }
}
