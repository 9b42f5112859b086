// Generated from runtime/tunesmith/protocol by tools/generate_protocol.py: change it there.
package dev.tunesmith.core.protocol

/** The values of a field. There may be more of them one day. */
public object Severity {
    /** must be mended */
    public const val ERROR: String = "error"

    /** should be looked at */
    public const val WARNING: String = "warning"

    /** good to know */
    public const val INFO: String = "info"

    /** All that this version knows. */
    public val ALL: List<String> = listOf(ERROR, WARNING, INFO)
}

/**
 * One finding, or why a request failed (then it is the error's `data`).
 *
 * @property code Stable; docs/errors.md has an entry for it.
 * @property message A sentence for the user.
 * @property severity How bad it is.
 * @property file The file it is in, an absolute path or as the user gave it.
 * @property line Counted from 1.
 * @property column Counted from 1.
 * @property key The dotted key in the file, or the field of the request.
 * @property found What stands there.
 * @property allowed What may stand there.
 * @property hint What helps: one command or one sentence.
 */
public data class Found(
    val code: String = "",
    val message: String = "",
    val severity: String = "error",
    val file: String? = null,
    val line: Long? = null,
    val column: Long? = null,
    val key: String? = null,
    val found: String = "",
    val allowed: List<String> = emptyList(),
    val hint: String = "",
)

/**
 * The `data` of an error: the first problem's fields, and all of them.
 *
 * @property code Of the first problem; stable; docs/errors.md has an entry for it.
 * @property message A sentence for the user.
 * @property problems Everything found, the first included.
 * @property hint What helps: one command or one sentence.
 * @property log The file with the traceback, where it was a mistake of the server's own.
 */
public data class ErrorData(
    val code: String = "",
    val message: String = "",
    val problems: List<Found> = emptyList(),
    val hint: String = "",
    val log: String? = null,
)
