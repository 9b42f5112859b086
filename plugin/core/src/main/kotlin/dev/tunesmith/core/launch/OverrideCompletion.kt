package dev.tunesmith.core.launch

import dev.tunesmith.core.job.JobKey
import dev.tunesmith.core.job.JobKeys

/**
 * Something to write at the caret.
 *
 * @property text What is written.
 * @property help What it means.
 * @property goesOn Whether more is to be written after it: a value after a key.
 */
public data class Suggestion(val text: String, val help: String, val goesOn: Boolean = false)

/**
 * What may stand in a text at the caret.
 *
 * @property from Where the text begins that a suggestion takes the place of.
 * @property to Where it ends.
 */
public data class Suggestions(val from: Int, val to: Int, val items: List<Suggestion>)

/** What may be written in a text of overrides, one `KEY=VALUE` a line. */
public class OverrideCompletion(private val keys: JobKeys) {
    /** What may stand at [caret], a character of [text], the likeliest first. */
    public fun at(text: String, caret: Int): Suggestions {
        val start = text.lastIndexOf('\n', caret - 1) + 1
        val end = text.indexOf('\n', caret).let { if (it < 0) text.length else it }
        val line = text.substring(start, end)
        val equals = line.indexOf('=')
        if (equals < 0 || caret <= start + equals) {
            val to = if (equals < 0) end else start + equals + 1
            val typed = text.substring(start, caret).trimStart()
            return Suggestions(caret - typed.length, to, keysFor(typed))
        }
        val typed = text.substring(start + equals + 1, caret).trimStart()
        return Suggestions(caret - typed.length, end, valuesFor(keys.find(line.substring(0, equals).trim()), typed))
    }

    private fun keysFor(typed: String): List<Suggestion> {
        val (beginning, holding) = keys.all.filter { typed in it.path }.partition { it.path.startsWith(typed) }
        val inside = holding.sortedBy { if (it.name.startsWith(typed)) 0 else 1 }
        return (beginning.sortedBy { it.path.count { letter -> letter == '.' } } + inside).take(MOST).map {
            Suggestion("${it.path}=", it.help, goesOn = true)
        }
    }

    private fun valuesFor(key: JobKey?, typed: String): List<Suggestion> {
        if (key == null) return emptyList()
        val all = (listOfNotNull(key.default) + key.values).distinct()
        return all.filter { it.startsWith(typed) && it != typed }.take(MOST).map { Suggestion(it, key.help) }
    }

    private companion object {
        const val MOST = 100
    }
}
