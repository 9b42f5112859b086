package dev.tunesmith.core.panels

import dev.tunesmith.core.chart.countWords
import dev.tunesmith.core.chart.valueWords
import java.time.Instant
import java.time.ZoneId
import java.time.format.DateTimeFormatter
import java.util.Locale
import kotlin.math.abs
import kotlin.math.roundToLong
import kotlin.math.sqrt

/** What stands where there is nothing to say. */
internal const val NOTHING: String = "–"

private val BYTE_UNITS = listOf("B", "kB", "MB", "GB", "TB", "PB")

/** A size in decimal units, as disks are sold: 950 B, 1.5 MB, 23 GB. */
internal fun bytesWords(bytes: Long): String {
    var size = bytes.toDouble()
    var unit = 0
    while (size >= 999.5 && unit < BYTE_UNITS.size - 1) {
        size /= 1000
        unit++
    }
    val decimals = if (unit == 0 || size >= 99.95) 0 else 1
    return String.format(Locale.ROOT, "%.${decimals}f", size).removeSuffix(".0") + " " + BYTE_UNITS[unit]
}

/** A share of 1 in per cent; what is not quite all or nothing never reads so. */
internal fun shareWords(share: Double): String = when {
    share.isNaN() -> NOTHING
    share > 0.0 && share < 0.001 -> "<0.1 %"
    share < 1.0 && share > 0.999 -> ">99.9 %"
    else -> String.format(Locale.ROOT, "%.1f", share * 100).removeSuffix(".0") + " %"
}

/** How long: 8 s, 3:05, 1:15:00, 2 d 6 h. */
internal fun spanWords(seconds: Double?): String {
    if (seconds == null || !seconds.isFinite() || seconds < 0) return NOTHING
    val whole = seconds.roundToLong()
    val (days, hours, minutes) = Triple(whole / 86_400, whole / 3600 % 24, whole / 60 % 60)
    return when {
        days > 0 -> "$days d $hours h"
        hours > 0 -> String.format(Locale.ROOT, "%d:%02d:%02d", hours, minutes, whole % 60)
        minutes > 0 -> String.format(Locale.ROOT, "%d:%02d", minutes, whole % 60)
        else -> "$whole s"
    }
}

private val MOMENT = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT)

internal fun momentWords(seconds: Double, zone: ZoneId): String =
    if (seconds <= 0.0) NOTHING else MOMENT.format(Instant.ofEpochMilli((seconds * 1000).toLong()).atZone(zone))

private val CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT)

internal fun clockWords(seconds: Double, zone: ZoneId): String =
    if (seconds <= 0.0) NOTHING else CLOCK.format(Instant.ofEpochMilli((seconds * 1000).toLong()).atZone(zone))

/** Any value of a message as one line of text. */
internal fun anyWords(value: Any?): String = when (value) {
    null -> NOTHING
    is Long, is Int -> value.toString()
    is Number -> numberWords(value.toDouble())
    is Collection<*> -> vectorWords(value) ?: value.joinToString(", ") { anyWords(it) }.ifEmpty { NOTHING }
    is Map<*, *> -> value.entries.joinToString(", ") { (key, inner) -> "$key: ${anyWords(inner)}" }.ifEmpty { NOTHING }
    else -> value.toString().replace('\n', ' ')
}

/**
 * Any value of a message as lines to read: what has parts that have parts has a line for each; of very many, the first.
 */
internal fun linesOf(value: Any?): List<String> = when {
    (value as? Collection<*>)?.isEmpty() == true || (value as? Map<*, *>)?.isEmpty() == true -> listOf(NOTHING)

    value is String -> value.lines()

    value is Map<*, *> -> value.entries.flatMap { (key, inner) ->
        val lines = linesOf(inner)
        if (lines.size == 1) listOf("$key: ${lines[0]}") else listOf("$key:") + lines.map { "    $it" }
    }

    value is Collection<*> && value.any {
        it is Map<*, *> || (it is String && ' ' in it)
    } -> value.map(::anyWords).upTo(LINES_MOST)

    value is Collection<*> -> listOf(
        vectorWords(value) ?: value.map(::anyWords).upTo(TEXTS_MOST).joinToString(", "),
    )

    else -> listOf(anyWords(value))
}

private fun List<String>.upTo(most: Int): List<String> = if (size <= most) this else take(most) + "… ($size)"

private const val LINES_MOST = 200
private const val TEXTS_MOST = 50
private const val NUMBERS_MOST = 8

/** Of a long list of numbers, such as a text's vector: the first ones, how many there are, and its norm. */
private fun vectorWords(values: Collection<*>): String? {
    if (values.size <= NUMBERS_MOST || !values.all { it is Number }) return null
    val numbers = values.map { (it as Number).toDouble() }
    val first = numbers.take(NUMBERS_MOST).joinToString(", ", transform = ::numberWords)
    return "$first, … (${numbers.size}; ‖x‖ = ${valueWords(sqrt(numbers.sumOf { it * it }))})"
}

private fun numberWords(value: Double): String {
    val isWhole = abs(value) < 1e15 && value == value.roundToLong().toDouble()
    return if (isWhole) value.toLong().toString() else valueWords(value)
}

internal fun countOr(count: Long?): String = count?.let(::countWords) ?: NOTHING
