package dev.tunesmith.core.client

import com.google.gson.JsonObject

/**
 * How far a long request is.
 *
 * @property token The id of the request.
 * @property message What is being done; empty where the server does not say.
 * @property percentage 0 to 100; null where it is not known.
 * @property done Whether this is the last report.
 */
public data class Progress(
    public val token: String,
    public val message: String,
    public val percentage: Int?,
    public val done: Boolean,
) {
    internal companion object {
        /** LSP's `$/progress`; null where [params] are none. */
        fun of(params: Any?): Progress? {
            val fields = params as? JsonObject ?: return null
            val token = fields.get("token")?.takeIf { it.isJsonPrimitive }?.asString
            val value = fields.get("value") as? JsonObject
            if (token == null || value == null) return null
            val said = listOf("title", "message").mapNotNull { value.get(it)?.takeIf { it.isJsonPrimitive }?.asString }
            return Progress(
                token,
                said.filter { it.isNotBlank() }.joinToString(": "),
                value.get("percentage")?.takeIf { it.isJsonPrimitive }?.asInt,
                value.get("kind")?.asString == "end",
            )
        }
    }
}
