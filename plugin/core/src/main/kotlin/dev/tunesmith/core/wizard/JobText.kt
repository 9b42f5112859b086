package dev.tunesmith.core.wizard

/**
 * The job that these choices amount to, for an estimate before anything is written. JSON is YAML, so values are quoted
 * as JSON quotes them.
 */
internal fun WizardState.jobText(model: String?, method: String?): String? {
    val task = chosenTask ?: return null
    val train = data ?: return null
    if (model.isNullOrBlank()) return null // only the template knows it
    val lines = ArrayList<String>()
    lines += "task: ${quoted(task)}"
    lines += "model: ${quoted(model)}"
    lines += "data:"
    lines += "  train: ${quoted(train)}"
    for ((role, names) in roles) {
        if (names.isEmpty()) continue
        lines +=
            "  ${quoted(role)}: " +
            if (names.size == 1) quoted(names[0]) else names.joinToString(", ", "[", "]", transform = ::quoted)
    }
    splitText()?.let { lines += "  split: $it" }
    if (method != null) lines += "method: ${quoted(method)}"
    return lines.joinToString("\n", postfix = "\n")
}

/** What stands under `data.split`; null: nothing. */
internal fun WizardState.splitText(): String? {
    val name = quoted(split ?: return null)
    if (splitColumns.isEmpty()) return name
    val options = splitColumns.entries.joinToString(", ") { (option, column) -> "${quoted(option)}: ${quoted(column)}" }
    return "{$name: {$options}}"
}

private fun quoted(text: String): String = buildString {
    append('"')
    for (char in text) {
        when {
            char == '"' || char == '\\' -> append('\\').append(char)

            char < ' ' || char == '\u007F' || char == '\u0085' || char == '\u2028' || char == '\u2029' ||
                char == '\uFEFF' ->
                append("\\u").append(char.code.toString(16).padStart(4, '0'))

            else -> append(char)
        }
    }
    append('"')
}
