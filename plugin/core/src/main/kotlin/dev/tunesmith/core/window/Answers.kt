package dev.tunesmith.core.window

import dev.tunesmith.core.panels.NOTHING
import dev.tunesmith.core.panels.anyWords
import dev.tunesmith.core.panels.shareWords

/** What a model said, in a line: its label, its number or its text. */
internal fun answerLine(answer: Map<String, Any?>?): String {
    if (answer == null) return NOTHING
    val said = SAID.firstNotNullOfOrNull { answer[it] }
    val probability = (answer["probability"] as? Number)?.let { " " + shareWords(it.toDouble()) }.orEmpty()
    return if (said == null) anyWords(answer) else anyWords(said) + probability
}

/** All that a model said: texts in full, labels with the probability of each, the likeliest first. */
internal fun answerText(answer: Map<String, Any?>?): String {
    val text = answer?.get("text") as? String
    if (text != null) return text
    val shares = (answer?.get("probabilities") as? Map<*, *>).orEmpty().entries
        .mapNotNull { (label, value) -> (value as? Number)?.let { "$label" to it.toDouble() } }
        .sortedByDescending { it.second }
    return (listOf(answerLine(answer)) + shares.take(MOST).map { (label, share) -> "${shareWords(share)}\t$label" })
        .joinToString("\n")
}

private val SAID = listOf("label", "labels", "value", "text", "loss")
private const val MOST = 50
