package dev.tunesmith.core.job

import com.google.gson.JsonElement
import com.google.gson.JsonObject
import com.google.gson.JsonPrimitive

/** The key at [path] that a JSON Schema describes, with all keys below it. */
internal fun keyOf(path: String, schema: JsonObject): JobKey {
    val forms = forms(schema)
    val children = linkedMapOf<String, JobKey>()
    for (form in forms) {
        for ((name, inner) in form.getAsJsonObject("properties")?.entrySet().orEmpty()) {
            val key = keyOf(if (path.isEmpty()) name else "$path.$name", inner.asJsonObject)
            children[name] = children[name]?.with(key) ?: key
        }
    }
    return JobKey(
        path,
        help = schema.get("description")?.asString.orEmpty(),
        values = forms.flatMap(::values).distinct(),
        default = schema.get("default")?.let(::written),
        isOpen = forms.any(::isOpen),
        children = children,
    )
}

/** What a value may be, each as a schema of its own: `anyOf` offers a choice, `allOf` adds to what holds already. */
private fun forms(schema: JsonObject): List<JsonObject> {
    val others = listOf("anyOf", "allOf").flatMap { schema.getAsJsonArray(it) ?: emptyList() } +
        listOfNotNull(schema.get("then"))
    return listOf(schema) + others.flatMap { forms(it.asJsonObject) }
}

private fun isOpen(form: JsonObject): Boolean {
    if (form.has("patternProperties")) return true
    val type = form.get("type") ?: return false
    val types = if (type.isJsonArray) type.asJsonArray.map { it.asString } else listOf(type.asString)
    return "object" in types && form.get("additionalProperties").let { it == null || it != JsonPrimitive(false) }
}

private fun values(form: JsonObject): List<String> {
    val one = form.get("const")?.let(::written)
    val listed = form.getAsJsonArray("enum")?.map(::written).orEmpty() + listOfNotNull(one)
    val isSwitch = form.get("type") == JsonPrimitive("boolean")
    return if (isSwitch) listed + listOf("true", "false") else listed
}

/** As a job file would write it: in YAML, whose values are those of JSON but for the quotes. */
private fun written(value: JsonElement): String = when {
    value.isJsonNull -> "none"
    value.isJsonPrimitive -> value.asString.removeSuffix(".0")
    else -> value.toString()
}
