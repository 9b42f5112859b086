package dev.tunesmith.core.panels

/** What a model said, in a line: its label, its number or its text. */
internal fun answerLine(answer: Map<*, *>?): String {
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
    val lines = shares.take(MOST).map { (label, share) -> "${shareWords(share)}\t$label" }
    val isSaid = answer == null || SAID.any { it in answer }
    val said = if (isSaid) listOf(answerLine(answer)) else linesOf(answer)
    return (said + "" + lines).joinToString("\n").trim()
}

private val SAID = listOf("label", "labels", "value", "answer", "text", "loss")
private const val MOST = 50
