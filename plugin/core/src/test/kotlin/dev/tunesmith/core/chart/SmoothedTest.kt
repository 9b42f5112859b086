package dev.tunesmith.core.chart

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.util.Random
import kotlin.math.pow

internal class SmoothedTest {
    /** The definition, written out: weights that fall by `keep` and add up to 1. */
    private fun average(values: List<Double>, index: Int, keep: Double): Double {
        var sum = 0.0
        var weight = 0.0
        val finite = values.take(index + 1).filter { it.isFinite() }
        finite.forEachIndexed { i, value ->
            sum += keep.pow(finite.size - 1 - i) * value
            weight += keep.pow(finite.size - 1 - i)
        }
        return if (weight > 0) sum / weight else Double.NaN
    }

    private val values = Random(5).let { random ->
        List(300) {
            if (random.nextInt(20) ==
                0
            ) {
                Double.NaN
            } else {
                random.nextGaussian()
            }
        }
    }

    @Test
    fun `every value is the mean that its definition says`() {
        for (keep in listOf(0.0, 0.5, 0.99)) {
            val smoothed = Smoothed.of(series(values), keep)
            for (i in values.indices) {
                assertEquals(
                    average(values, i, keep),
                    smoothed.value(i),
                    1e-9,
                    "keep $keep at $i",
                )
            }
        }
    }

    @Test
    fun `the first value is not pulled towards zero`() {
        assertEquals(10.0, Smoothed.of(series(10.0, 10.0, 10.0), 0.99).value(0), 1e-12)
    }

    @Test
    fun `a constant with a gap stays constant`() {
        val smoothed = Smoothed.of(series(2.0, Double.NaN, 2.0, Double.POSITIVE_INFINITY, 2.0), 0.9)
        for (i in 0 until 5) assertEquals(2.0, smoothed.value(i), 1e-12)
    }

    @Test
    fun `an average that grew equals one made anew, also when an older one grows twice`() {
        val random = Random(8)
        val builder = SeriesBuilder()
        var grown = Smoothed.of(builder.snapshot(), 0.97)
        repeat(50) {
            repeat(random.nextInt(400)) { builder.append(builder.size.toLong(), 0.0, random.nextGaussian()) }
            val old = grown
            grown = old.extendedTo(builder.snapshot())
            val again = old.extendedTo(builder.snapshot())
            val anew = Smoothed.of(builder.snapshot(), 0.97)
            for (i in 0 until builder.size) {
                assertEquals(anew.value(i), grown.value(i))
                assertEquals(anew.value(i), again.value(i))
            }
        }
    }

    @Test
    fun `a series that was cut is averaged anew`() {
        val builder = SeriesBuilder()
        for (i in 0 until 200) builder.append(i.toLong(), 0.0, 1.0)
        val before = Smoothed.of(builder.snapshot(), 0.9)
        for (i in 50 until 300) builder.append(i.toLong(), 0.0, 5.0)
        val after = before.extendedTo(builder.snapshot())
        assertEquals(5.0, after.value(299), 1e-6)
        assertEquals(1.0, before.value(199), 1e-12)
    }

    @Test
    fun `a summary counts as often as it has values`() {
        val single = SeriesBuilder().also {
            for (i in 0 until 40) {
                it.append(
                    i.toLong(),
                    0.0,
                    if (i <
                        20
                    ) {
                        1.0
                    } else {
                        3.0
                    },
                )
            }
        }.snapshot()
        val summed = SeriesBuilder().also {
            it.append(Summary(19, 0.0, 1.0, 1.0, 1.0, 20, false))
            it.append(Summary(39, 0.0, 3.0, 3.0, 3.0, 20, false))
        }.snapshot()
        assertEquals(Smoothed.of(single, 0.9).value(39), Smoothed.of(summed, 0.9).value(1), 1e-9)
    }

    @Test
    fun `no stretch of averages loses its extremes`() {
        val random = Random(9)
        val data = series(List(10_000) { random.nextGaussian() })
        val smoothed = Smoothed.of(data, 0.8)
        val averages = List(data.size) { smoothed.value(it) }
        repeat(200) {
            val from = random.nextInt(data.size)
            val to = from + 1 + random.nextInt(data.size - from)
            val extent = Extent().also { smoothed.extend(it, from, to) }
            assertEquals(averages.subList(from, to).min(), extent.low)
            assertEquals(averages.subList(from, to).max(), extent.high)
        }
        assertTrue(averages.all { it.isFinite() })
    }
}
