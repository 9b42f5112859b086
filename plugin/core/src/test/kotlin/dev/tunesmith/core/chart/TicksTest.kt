package dev.tunesmith.core.chart

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.time.LocalDateTime
import java.time.ZoneId
import java.time.ZoneOffset
import java.util.Random
import kotlin.math.abs
import kotlin.math.log10
import kotlin.math.pow

internal class TicksTest {
    private fun labels(from: Double, to: Double, most: Int = 6) =
        linearTicks(Interval(from, to), most, words = ::tickWords).map { it.label }

    @Test
    fun `ticks of any range are round, inside, few, and told apart by their words`() {
        val random = Random(1)
        repeat(3000) {
            val from = (random.nextDouble() - 0.5) * 10.0.pow(random.nextInt(40) - 20)
            val to = from + random.nextDouble() * 10.0.pow(random.nextInt(40) - 20)
            if (to - from <= abs(from) * 1e-6) return@repeat // finer than five digits tell apart
            val ticks = linearTicks(Interval(from, to), 8, words = ::tickWords)
            val distance = niceDistance((to - from) / 8)
            val where = "$from to $to: ${ticks.map { it.label }}"
            assertTrue(ticks.size in 1..9, where)
            assertTrue(ticks.all { it.value >= from - distance * 1e-6 && it.value <= to + distance * 1e-6 }, where)
            assertTrue(
                listOf(1.0, 2.0, 5.0).any {
                    abs(log10(distance / it) - Math.round(log10(distance / it))) < 1e-9
                },
                where,
            )
            assertEquals(ticks.size, ticks.map { it.label }.distinct().size, where)
        }
    }

    @Test
    fun `numbers have just the digits that tell them apart`() {
        assertEquals(listOf("0", "0.2", "0.4", "0.6", "0.8", "1.0"), labels(0.0, 1.0))
        assertEquals(listOf("−1.0", "−0.5", "0", "0.5", "1.0"), labels(-1.0, 1.0))
        assertEquals(listOf("2.34e6", "2.36e6", "2.38e6"), labels(2.34e6, 2.38e6, 3))
        assertEquals(listOf("0", "5e−5", "0.00010"), labels(0.0, 1e-4, 3))
        assertEquals(listOf("10,000", "20,000", "30,000"), labels(9000.0, 31_000.0, 3))
    }

    @Test
    fun `steps are whole and short`() {
        fun steps(from: Double, to: Double) =
            linearTicks(Interval(from, to), 5, whole = true, words = ::stepTickWords).map { it.label }

        assertEquals(listOf("0", "1", "2"), steps(0.0, 2.0))
        assertEquals(listOf("0", "20k", "40k", "60k", "80k", "100k"), steps(0.0, 100_000.0))
        assertEquals(listOf("0", "500k", "1.0M", "1.5M", "2.0M"), steps(0.0, 2e6))
        assertEquals(listOf("123,450", "123,451", "123,452"), steps(123_450.0, 123_452.4))
    }

    @Test
    fun `there is no range that ticks hang or crash on`() {
        val ends = Double.run {
            listOf(0.0, -1.0, 1.0, MAX_VALUE, -MAX_VALUE, MIN_VALUE, NaN, POSITIVE_INFINITY, 1e-320)
        }
        for (from in ends) {
            for (to in ends) {
                assertTrue(linearTicks(Interval(from, to), 8, words = ::tickWords).size <= 20)
                if (from.isFinite() && to.isFinite() && abs(from) < 1e12 && abs(to) < 1e12) {
                    assertTrue(durationTicks(Interval(from, to), 8).size <= 20)
                    assertTrue(wallTicks(Interval(from, to), 8, ZoneOffset.UTC).size <= 20)
                }
                val isForLog = from > 0.0 && to > from && to.isFinite()
                if (isForLog) assertTrue(logTicks(Interval(from, to), 8, ::tickWords).size <= 700)
            }
        }
        assertEquals(emptyList<Tick>(), linearTicks(Interval(1e20, 1e20 + 1), 8, words = ::tickWords))
    }

    @Test
    fun `a log axis has words at powers of ten and lines between them`() {
        val ticks = logTicks(Interval(0.009, 11.0), 6, ::tickWords)
        assertEquals(listOf("0.01", "0.1", "1", "10"), ticks.map { it.label }.filter { it.isNotEmpty() })
        assertEquals(29, ticks.size)
    }

    @Test
    fun `a log axis of less than two powers still has several words`() {
        assertTrue(logTicks(Interval(0.3, 0.9), 6, ::tickWords).count { it.label.isNotEmpty() } >= 2)
        assertTrue(logTicks(Interval(0.31, 0.32), 6, ::tickWords).count { it.label.isNotEmpty() } >= 2)
    }

    @Test
    fun `a log axis over three hundred powers does not drown in ticks`() {
        assertTrue(logTicks(Interval(1e-300, 1e300), 8, ::tickWords).size in 4..40)
    }

    @Test
    fun `durations read like a clock`() {
        assertEquals(listOf("0:00", "0:10", "0:20", "0:30"), durationTicks(Interval(0.0, 30.0), 4).map { it.label })
        assertEquals(listOf("0:00", "2:00:00", "4:00:00"), durationTicks(Interval(0.0, 5 * 3600.0), 3).map { it.label })
        assertEquals(listOf("0.0 s", "0.1 s", "0.2 s"), durationTicks(Interval(0.0, 0.2), 3).map { it.label })
        assertEquals("1 d 6 h", durationWords(30 * 3600.0, 21600.0))
    }

    @Test
    fun `the clock is that of the zone, with the date at midnight`() {
        val zone = ZoneId.of("Asia/Shanghai")
        val from = LocalDateTime.of(2026, 3, 4, 21, 30).atZone(zone).toEpochSecond().toDouble()
        assertEquals(
            listOf("22:00", "23:00", "03-05", "01:00"),
            wallTicks(Interval(from, from + 4 * 3600), 4, zone).map {
                it.label
            },
        )
    }

    @Test
    fun `values are read with five digits at most`() {
        assertEquals("0.12346", valueWords(0.123456))
        assertEquals("12346", valueWords(12345.678))
        assertEquals("1.235e−7", valueWords(1.2346e-7))
        assertEquals("−3", valueWords(-3.0))
        assertEquals("NaN", valueWords(Double.NaN))
        assertEquals("−∞", valueWords(Double.NEGATIVE_INFINITY))
        assertEquals("1,234,567", countWords(1_234_567))
    }
}
