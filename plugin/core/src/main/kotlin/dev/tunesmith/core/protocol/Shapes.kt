package dev.tunesmith.core.protocol

/**
 * Judges JSON values by the shapes of the messages, as the server does.
 *
 * Values are maps, lists, texts, numbers, booleans and null, as gson reads them into `Any`.
 */
public object Shapes {
    private val notFinite = setOf("NaN", "Infinity", "-Infinity")
    private val fields: Map<String, List<Field>> by lazy {
        SHAPES.mapValues { (_, text) -> text.split(' ').filter { it.isNotEmpty() }.map(::field) }
    }

    private class Field(val name: String, val type: String, val required: Boolean, val words: List<String>)

    /** The names of all messages. */
    public val names: Set<String> get() = SHAPES.keys

    /** What keeps [value] from being a [message]: one line each, the field first; empty if nothing does. */
    public fun faults(message: String, value: Any?): List<String> = ofMessage(message, value, "params")

    private fun field(text: String): Field {
        val (name, rest) = text.split(':', limit = 2)
        val type = rest.substringBefore('<').removeSuffix("!")
        val words = rest.substringAfter('<', "").substringBefore('>')
        return Field(name, type, rest.substringBefore('<').endsWith("!"), words.split('|').filter { it.isNotEmpty() })
    }

    private fun ofMessage(message: String, value: Any?, where: String): List<String> {
        if (value !is Map<*, *>) return listOf("$where: not an object")
        return fields.getValue(message).flatMap { field ->
            when {
                value.containsKey(field.name) -> ofField(field, value[field.name], "$where.${field.name}")
                field.required -> listOf("$where.${field.name}: missing")
                else -> emptyList()
            }
        }
    }

    private fun ofField(field: Field, value: Any?, where: String): List<String> {
        val wrong = ofType(field.type, value, where)
        if (wrong.isNotEmpty() || field.words.isEmpty()) return wrong
        val given = value as? List<*> ?: listOf(value)
        return given.filter { it != null && it !in field.words }.map { "$where: not one of the words" }
    }

    private fun ofType(type: String, value: Any?, where: String): List<String> = when {
        type.endsWith("?") -> if (value == null) emptyList() else ofType(type.dropLast(1), value, where)
        type.startsWith("[") -> ofList(type.drop(1).dropLast(1), value, where)
        type.startsWith("{") -> ofMap(type.drop(1).dropLast(1), value, where)
        type == "any" -> emptyList()
        type == "text" -> unless(value is String, where, "a text")
        type == "flag" -> unless(value is Boolean, where, "true or false")
        type == "number" -> unless(value is Number || value in notFinite, where, "a number")
        type == "whole" -> unless(value is Number && value.toDouble() % 1.0 == 0.0, where, "a whole number")
        else -> ofMessage(type, value, where)
    }

    private fun ofList(inner: String, value: Any?, where: String): List<String> {
        if (value !is List<*>) return listOf("$where: not a list")
        return value.flatMapIndexed { number, item -> ofType(inner, item, "$where[$number]") }
    }

    private fun ofMap(inner: String, value: Any?, where: String): List<String> {
        if (value !is Map<*, *>) return listOf("$where: not an object")
        return value.flatMap { (key, item) -> ofType(inner, item, "$where.$key") }
    }

    private fun unless(good: Boolean, where: String, what: String): List<String> =
        if (good) emptyList() else listOf("$where: not $what")
}
