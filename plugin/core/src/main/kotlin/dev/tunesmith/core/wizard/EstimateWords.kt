package dev.tunesmith.core.wizard

import dev.tunesmith.core.Words
import dev.tunesmith.core.chart.countWords
import dev.tunesmith.core.panels.Column
import dev.tunesmith.core.panels.NOTHING
import dev.tunesmith.core.panels.byText
import dev.tunesmith.core.panels.bytesWords
import dev.tunesmith.core.panels.spanWords
import dev.tunesmith.core.protocol.Estimate

/** Something to choose, with what a run with it would need. [name] as a job writes it; null: what the template says. */
internal data class Choice(val name: String?, val shown: String, val help: String, val estimate: Loaded<Estimate>)

/** The choice itself, and its estimate beside it. */
internal fun choiceColumns(heading: String, words: Words): List<Column<Choice>> {
    fun column(key: String, width: Int, text: (Estimate) -> String): Column<Choice> {
        fun cell(choice: Choice) = estimateCell(choice.estimate, words, text)
        return Column(key, words("wizard.estimate.$key"), ::cell, byText(::cell), width, isNumber = key != FITS)
    }
    return listOf(
        Column<Choice>("name", heading, { it.shown }, byText { it.shown }, 240),
        column("tuned", 120) { tunedWords(it) },
        column("memory", 100) { found -> found.memory?.let { bytesWords(it.totalBytes) } ?: NOTHING },
        column("time", 90) { spanWords(it.time?.totalS) },
        column(FITS, 120) { words(fitsKey(it)) },
    )
}

private const val FITS = "fits"

private fun estimateCell(estimate: Loaded<Estimate>, words: Words, text: (Estimate) -> String): String =
    when (estimate) {
        is Loaded.Ready -> text(estimate.value)
        Loaded.Loading -> words("wizard.estimate.loading")
        is Loaded.Failed, Loaded.Missing -> NOTHING
    }

private fun tunedWords(found: Estimate): String = found.trainableParameters?.let(::countWords) ?: NOTHING

private fun fitsKey(found: Estimate): String = when (found.fits) {
    true -> "wizard.estimate.fits.yes"
    false -> "wizard.estimate.fits.no"
    null -> "wizard.estimate.fits.unknown"
}

/** Everything about the chosen one: what it is, what its run would need, what stands in the way and what would help. */
internal fun choiceWords(choice: Choice?, words: Words): String {
    if (choice == null) return ""
    val about = when (val estimate = choice.estimate) {
        is Loaded.Ready -> estimateLines(estimate.value, words)
        is Loaded.Failed -> listOf(words("wizard.estimate.failed", estimate.message + hint(estimate.hint)))
        Loaded.Loading -> listOf(words("wizard.estimate.asked"))
        Loaded.Missing -> listOf(words("wizard.estimate.unknown"))
    }
    return (listOf(choice.help) + about).filter { it.isNotBlank() }.joinToString("\n")
}

private fun estimateLines(found: Estimate, words: Words): List<String> {
    val free = found.freeBytes?.let(::bytesWords) ?: NOTHING
    val parameters = found.parameters?.let(::countWords) ?: NOTHING
    val size = words("wizard.estimate.run", countWords(found.steps), parameters, found.device, free)
    val time = if (found.time == null) words("wizard.estimate.no-time") else ""
    val helps = found.remedies.map { words("wizard.estimate.remedy", it.message) }
    return listOf(size, time) + found.problems.map { it.message + hint(it.hint) } + helps
}
