package dev.tunesmith.core.chart

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.util.Random

internal class SeriesTest {
    private val odd =
        Double.run {
            doubleArrayOf(NaN, POSITIVE_INFINITY, NEGATIVE_INFINITY, 0.0, -0.0, 1e-300, -1e300, 0.1, MIN_VALUE)
        }

    /** Floats first, then, in some series, a double that no float can hold, values that are not finite, and summaries. */
    private fun fill(builder: SeriesBuilder, count: Int, random: Random, kinds: Int) {
        var step = 0L
        var seconds = 0.0
        repeat(count) {
            step += if (kinds and 1 == 0) 1 else random.nextInt(3).toLong()
            seconds += if (kinds and 2 == 0) random.nextDouble() else random.nextDouble() * 1e4
            val value = random.nextGaussian().toFloat().toDouble()
            when {
                kinds and 4 != 0 && random.nextInt(
                    5000,
                ) == 0 -> builder.append(step, seconds, odd[random.nextInt(odd.size)])

                kinds and 8 != 0 && random.nextInt(50) == 0 -> builder.append(
                    Summary(
                        step,
                        seconds,
                        value - 1,
                        value,
                        value + 1,
                        7,
                        random.nextBoolean(),
                    ),
                )

                else -> builder.append(step, seconds, value)
            }
        }
    }

    private fun bruteForce(data: SeriesData, from: Int, to: Int): Extent {
        val extent = Extent()
        for (i in from until to) {
            extent.add(data.low(i))
            extent.add(data.high(i))
        }
        return extent
    }

    private fun assertSame(expected: Extent, found: Extent, where: String) {
        assertEquals(expected.low, found.low, where)
        assertEquals(expected.high, found.high, where)
        assertEquals(expected.lowPositive, found.lowPositive, where)
    }

    @Test
    fun `no stretch of any series loses its least or greatest value`() {
        for (kinds in 0 until 16) {
            val random = Random(kinds.toLong())
            val count = listOf(0, 1, 63, 64, 65, 4096, 70_001, 140_000)[kinds % 8]
            val data = SeriesBuilder().also { fill(it, count, random, kinds) }.snapshot()
            assertEquals(count, data.size)
            repeat(300) {
                val from = random.nextInt(count + 1)
                val to = from + random.nextInt(count - from + 1)
                assertSame(bruteForce(data, from, to), data.extent(from, to), "kinds $kinds, $from until $to of $count")
            }
        }
    }

    @Test
    fun `values that are not finite are told of but belong to no extent`() {
        val extent = series(1.0, Double.NaN, 3.0, Double.NEGATIVE_INFINITY).extent()
        assertEquals(1.0, extent.low)
        assertEquals(3.0, extent.high)
        assertEquals(Extent.NAN or Extent.MINUS_INFINITY, extent.strange)
        assertTrue(series(Double.NaN, Double.POSITIVE_INFINITY).extent().isEmpty)
    }

    @Test
    fun `appended data equals rebuilt data, and older snapshots stay what they were`() {
        val random = Random(3)
        val builder = SeriesBuilder()
        val snapshots = ArrayList<Pair<SeriesData, List<Double>>>()
        val all = ArrayList<Double>()
        repeat(40) {
            repeat(random.nextInt(5000)) {
                val value = if (random.nextInt(1000) == 0) random.nextDouble() else random.nextFloat().toDouble()
                builder.append(all.size.toLong(), all.size * 0.25, value)
                all += value
            }
            snapshots += builder.snapshot() to all.toList()
        }
        for ((data, values) in snapshots) {
            assertEquals(values.size, data.size)
            for (i in values.indices) {
                assertEquals(values[i], data.value(i))
                assertEquals(i.toLong(), data.step(i))
                assertEquals(i * 0.25, data.seconds(i))
            }
            val rebuilt = series(values, 0.25)
            assertSame(rebuilt.extent(), data.extent(), "${values.size} values")
        }
    }

    @Test
    fun `a step that goes back forgets what lay after it and leaves older snapshots alone`() {
        for (keep in listOf(0, 1, 64, 5000, CHUNK - 1, CHUNK, CHUNK + 1)) {
            val builder = SeriesBuilder()
            for (i in 0 until CHUNK + 6000) builder.append(i.toLong(), i.toDouble(), 1.0)
            val before = builder.snapshot()
            for (i in keep until keep + 100) builder.append(i.toLong(), i.toDouble(), 9.0)
            val after = builder.snapshot()
            assertEquals(keep + 100, after.size)
            assertEquals(9.0, after.value(keep))
            if (keep > 0) assertEquals(1.0, after.value(keep - 1))
            assertEquals(CHUNK + 6000, before.size)
            assertEquals(1.0, before.extent().high)
        }
    }

    @Test
    fun `cutting after a step keeps the step itself`() {
        val builder = SeriesBuilder()
        for (i in 0 until 10) builder.append(i * 10L, i.toDouble(), i.toDouble())
        builder.cutAfter(45)
        assertEquals(5, builder.snapshot().size)
        builder.cutAfter(30)
        assertEquals(30L, builder.snapshot().let { it.step(it.size - 1) })
        builder.cutAfter(500)
        assertEquals(4, builder.size)
    }

    @Test
    fun `an entry is found by step and by time`() {
        val builder = SeriesBuilder()
        for (i in 0 until 100_000) builder.append(i * 3L, i * 0.01, i.toDouble())
        val data = builder.snapshot()
        assertEquals(0, data.firstAtStep(-5.0))
        assertEquals(10, data.firstAtStep(28.5))
        assertEquals(10, data.firstAtStep(30.0))
        assertEquals(100_000, data.firstAtStep(1e9))
        assertEquals(25_000, data.firstAtSeconds(250.0))
    }

    @Test
    fun `ten million values take less than a hundred megabytes`() {
        val runtime = Runtime.getRuntime()
        System.gc()
        val before = runtime.totalMemory() - runtime.freeMemory()
        val builder = SeriesBuilder()
        for (i in 0 until 10_000_000) builder.append(i.toLong(), i * 0.001, (i % 1000).toDouble())
        val data = builder.snapshot()
        System.gc()
        val used = (runtime.totalMemory() - runtime.freeMemory() - before) / 1e6
        assertTrue(used < 100, "used $used MB")
        assertEquals(10_000_000, data.size)
    }
}
