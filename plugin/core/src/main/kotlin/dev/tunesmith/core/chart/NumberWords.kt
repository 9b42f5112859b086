package dev.tunesmith.core.chart

import java.math.BigDecimal
import java.math.MathContext
import java.text.DecimalFormat
import java.text.DecimalFormatSymbols
import java.time.LocalDateTime
import java.time.format.DateTimeFormatter
import java.util.Locale
import kotlin.math.abs
import kotlin.math.ceil
import kotlin.math.floor
import kotlin.math.log10
import kotlin.math.pow
import kotlin.math.roundToLong

/** A value beside others at equal [distance]s, with just as many digits as tell them apart. */
internal fun tickWords(value: Double, distance: Double): String {
    if (value == 0.0) return "0"
    val size = abs(value)
    val isExtreme = size >= 1e6 || size < 1e-4
    if (isExtreme) return scientific(value, maxOf(0, floor(log10(size)).toInt() - floor(log10(distance)).toInt()))
    val decimals = ceil(-log10(distance) - 1e-9).toInt().coerceIn(0, 12)
    return format(value, decimals, size >= 10_000)
}

/** A count of steps: 950, 12k, 1.5M. */
internal fun stepTickWords(value: Double, distance: Double): String {
    val (unit, letter) = when {
        abs(value) >= 1e9 && distance >= 1e6 -> 1e9 to "G"
        abs(value) >= 1e6 && distance >= 1e3 -> 1e6 to "M"
        (abs(value) >= 1e4 && distance >= 10) || (value != 0.0 && distance >= 1e3) -> 1e3 to "k"
        else -> 1.0 to ""
    }
    val decimals = ceil(-log10(distance / unit) - 1e-9).toInt().coerceIn(0, 6)
    return format(value / unit, decimals, unit == 1.0 && abs(value) >= 10_000) + letter
}

/** A value to read, with [digits] significant digits, never more than it has. */
internal fun valueWords(value: Double, digits: Int = 5): String = when {
    value.isNaN() -> "NaN"
    value.isInfinite() -> if (value > 0) "∞" else "−∞"
    value == 0.0 -> "0"
    abs(value) >= 1e6 || abs(value) < 1e-4 -> scientific(value, minOf(3, digits - 1))
    else -> BigDecimal(value).round(MathContext(digits)).stripTrailingZeros().let { minus(it.toPlainString()) }
}

/**
 * Words for numbers below each other: all with the same decimals, so that their digits stand in columns. Where that
 * would take digits that count from the small ones, each has its own.
 */
internal fun valuesWords(values: List<Double>, digits: Int = 4): (Double) -> String {
    val sizes = values.filter { it.isFinite() && it != 0.0 }.map(::abs)
    val most = sizes.maxOrNull() ?: return { valueWords(it, digits) }
    val decimals = (digits - 1 - floor(log10(most)).toInt().coerceAtLeast(0)).coerceIn(0, digits - 1)
    val isEven = most < 1e6 && sizes.min() >= 10.0.pow(1 - decimals) / 2
    return { if (isEven && it.isFinite()) format(it, decimals, abs(it) >= 10_000) else valueWords(it, digits) }
}

/** A whole number with its thousands apart. */
internal fun countWords(count: Long): String = minus(DecimalFormat("#,##0", SYMBOLS).format(count))

private val SYMBOLS = DecimalFormatSymbols(Locale.ROOT)

private fun format(value: Double, decimals: Int, grouped: Boolean): String = minus(
    DecimalFormat(
        (if (grouped) "#,##0" else "0") + (
            if (decimals >
                0
            ) {
                "." + "0".repeat(decimals)
            } else {
                ""
            }
            ),
        SYMBOLS,
    ).format(value),
)

private fun scientific(value: Double, digits: Int): String {
    val text = String.format(Locale.ROOT, "%.${digits.coerceIn(0, 12)}e", value)
    val mantissa = text.substringBefore('e').let { if ('.' in it) it.trimEnd('0').trimEnd('.') else it }
    return minus("${mantissa}e${text.substringAfter('e').toInt()}")
}

private fun minus(text: String): String = text.replace('-', '−')

/** Seconds as a clock would show them: 0.5 s, 0:30, 1:15:00, 2 d 6 h. */
internal fun durationWords(seconds: Double, distance: Double = 1.0): String {
    if (seconds < 0.0) return "−" + durationWords(-seconds, distance)
    val isFine = distance < 1.0 && seconds < 60.0
    if (isFine) return format(seconds, ceil(-log10(distance) - 1e-9).toInt().coerceIn(0, 6), false) + " s"
    val whole = seconds.roundToLong()
    val days = whole / 86400
    val hours = whole / 3600 % 24
    val minutes = whole / 60 % 60
    val rest = whole % 60
    return when {
        days > 0 && distance >= 3600.0 -> if (hours == 0L) "$days d" else "$days d $hours h"
        days > 0 -> "$days d " + clock(hours, minutes, rest)
        hours > 0 -> clock(hours, minutes, rest)
        else -> "$minutes:" + two(rest)
    }
}

private fun clock(hours: Long, minutes: Long, seconds: Long): String = "$hours:${two(minutes)}:${two(seconds)}"

private fun two(number: Long): String = number.toString().padStart(2, '0')

private val MINUTE = DateTimeFormatter.ofPattern("HH:mm", Locale.ROOT)
private val SECOND = DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT)
private val DATE = DateTimeFormatter.ofPattern("MM-dd", Locale.ROOT)
private val MOMENT = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT)

internal fun dateWords(moment: LocalDateTime): String = DATE.format(moment)

internal fun momentWords(moment: LocalDateTime): String = MOMENT.format(moment)

internal fun timeWords(moment: LocalDateTime, seconds: Double, distance: Double): String = when {
    distance >= 60.0 -> MINUTE.format(moment)

    distance >= 1.0 -> SECOND.format(moment)

    else -> SECOND.format(moment) +
        format(seconds - floor(seconds), ceil(-log10(distance) - 1e-9).toInt().coerceIn(1, 6), false).drop(1)
}
