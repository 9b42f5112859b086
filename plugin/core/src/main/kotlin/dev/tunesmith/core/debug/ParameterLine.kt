package dev.tunesmith.core.debug

/** A list of parameters in one line, as the IDE reads such a line: split at blanks outside of double quotes. */
public object ParameterLine {
    private const val QUOTE = '"'
    private const val ESCAPE = '\\'
    private const val ALSO_QUOTED = "|'"

    /** The line that is read as exactly these [parameters]. */
    public fun join(parameters: List<String>): String = parameters.joinToString(" ", transform = ::written)

    private fun written(parameter: String): String {
        val escaped = parameter.replace("$QUOTE", "$ESCAPE$QUOTE")
        if (escaped.isNotEmpty() && escaped.none { it.isWhitespace() || it in ALSO_QUOTED }) return escaped
        // A backslash before the closing quote would escape it: those at the end stand behind it.
        val body = escaped.trimEnd(ESCAPE)
        return "$QUOTE$body$QUOTE" + "$ESCAPE".repeat(escaped.length - body.length)
    }
}
