package dev.tunesmith.core.chart

import java.time.Instant
import java.time.LocalDateTime
import java.time.ZoneId
import java.time.ZoneOffset
import java.time.temporal.ChronoUnit
import kotlin.math.abs
import kotlin.math.ceil
import kotlin.math.floor
import kotlin.math.log10
import kotlin.math.pow
import kotlin.math.roundToLong

/** A place on an axis and what is written there; [label] is empty for a line without words. */
internal data class Tick(val value: Double, val label: String)

/** Round numbers, at most [most] of them, at distances of 1, 2 or 5 times a power of ten; whole ones if [whole]. */
internal fun linearTicks(
    range: Interval,
    most: Int,
    whole: Boolean = false,
    words: (value: Double, distance: Double) -> String,
): List<Tick> {
    if (!(range.length > 0.0) || range.length.isInfinite() || most < 1) return emptyList()
    var distance = niceDistance(range.length / most)
    if (whole) distance = maxOf(1.0, distance)
    if (range.from + distance == range.from || distance == 0.0) return emptyList() // finer than a double can tell apart
    val first = ceil(range.from / distance - 1e-9)
    val last = floor(range.to / distance + 1e-9)
    return (0..(last - first).toInt()).map { number ->
        val value = (first + number) * distance
        val clean = if (abs(value) < distance * 1e-6) 0.0 else value
        Tick(clean, words(clean, distance))
    }
}

/** The least of 1, 2, 5 times a power of ten that is not below [least]. */
internal fun niceDistance(least: Double): Double {
    val power = 10.0.pow(floor(log10(least)))
    return listOf(1.0, 2.0, 5.0, 10.0).map { it * power }.first { it >= least * (1 - 1e-9) }
}

/** Powers of ten, with lines at 2 to 9 between them; below two powers, ticks with words in between. */
internal fun logTicks(range: Interval, most: Int, words: (value: Double, distance: Double) -> String): List<Tick> {
    val first = floor(log10(range.from)).toInt()
    val last = ceil(log10(range.to)).toInt()
    val powers = (first..last).count { 10.0.pow(it) in range }
    if (powers < 2) {
        val coarse = (first..last).flatMap { power -> listOf(1, 2, 3, 5, 7).map { it * 10.0.pow(power) } }.filter {
            it in
                range
        }
        if (coarse.size >= 2) return coarse.map { Tick(it, words(it, it)) }
        return linearTicks(range, most, words = words).filter { it.value > 0.0 }
    }
    val every = ceil(powers.toDouble() / maxOf(1, most)).toInt()
    val between = if (every == 1 && powers <= 8) 1..9 else 1..1
    return (first..last).flatMap { power ->
        between.map { it * 10.0.pow(power) }.filter { it in range }.map { value ->
            val isPower = value == 10.0.pow(power)
            Tick(value, if (isPower && Math.floorMod(power, every) == 0) words(value, value) else "")
        }
    }.filter { it.label.isNotEmpty() || every == 1 }
}

private val CLOCK_DISTANCES_S = doubleArrayOf(
    1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0,
    3600.0, 7200.0, 10800.0, 21600.0, 43200.0, 86400.0,
)

/** Distances that look round on a clock; below a second and above a day those of plain numbers. */
internal fun clockDistance(range: Interval, most: Int): Double {
    val least = range.length / maxOf(1, most)
    if (least <= 0.5) return niceDistance(least)
    return CLOCK_DISTANCES_S.firstOrNull { it >= least } ?: (niceDistance(least / 86400.0) * 86400.0)
}

/** Time since the beginning: 0:30, 1:15:00, 2 d 6 h. */
internal fun durationTicks(range: Interval, most: Int): List<Tick> {
    if (!(range.length > 0.0)) return emptyList()
    val distance = clockDistance(range, most)
    if (range.from + distance == range.from) return emptyList()
    val first = ceil(range.from / distance - 1e-9).roundToLong()
    val last = floor(range.to / distance + 1e-9).roundToLong()
    return (first..last).map { Tick(it * distance, durationWords(it * distance, distance)) }
}

/** The time of day in [zone], with the date at midnight and at the first tick. */
internal fun wallTicks(range: Interval, most: Int, zone: ZoneId): List<Tick> {
    if (!(range.length > 0.0)) return emptyList()
    val distance = clockDistance(range, most)
    if (range.from + distance == range.from) return emptyList()
    val offset = zone.rules.getOffset(Instant.ofEpochSecond(range.from.toLong())).totalSeconds
    val first = ceil((range.from + offset) / distance - 1e-9).roundToLong()
    val last = floor((range.to + offset) / distance + 1e-9).roundToLong()
    return (first..last).map { number ->
        val local = number * distance
        val moment = LocalDateTime.ofEpochSecond(floor(local).toLong(), 0, ZoneOffset.UTC)
        val isMidnight = moment == moment.truncatedTo(ChronoUnit.DAYS)
        Tick(
            local - offset,
            if (isMidnight ||
                distance >= 86400.0
            ) {
                dateWords(moment)
            } else {
                timeWords(moment, local, distance)
            },
        )
    }
}
