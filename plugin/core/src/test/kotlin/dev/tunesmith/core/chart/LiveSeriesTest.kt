package dev.tunesmith.core.chart

import dev.tunesmith.core.protocol.SeriesPart
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import dev.tunesmith.core.protocol.Curve as Envelope

internal class LiveSeriesTest {
    private fun part(first: Long, steps: List<Long>) = SeriesPart(
        name = "loss",
        first = first,
        records = first + steps.size,
        step = steps,
        seconds = steps.map { it * 0.5 },
        value = steps.map { it.toDouble() },
    )

    private fun steps(live: LiveSeries) = live.snapshot().let { data -> (0 until data.size).map { data.step(it) } }

    @Test
    fun `what is new goes on behind an envelope of what was there`() {
        val live = LiveSeries()
        live.restart(
            Envelope(
                name = "loss", records = 8,
                step = listOf(
                    1,
                    4,
                    7,
                ),
                seconds = listOf(0.5, 2.0, 3.5), low = listOf(1.0, 0.5, 7.0),
                mean = listOf(
                    2.0,
                    5.0,
                    7.0,
                ),
                high = listOf(3.0, 90.0, 7.0), count = listOf(3, 3, 1), nan = listOf(0, 1, 0),
            ),
        )
        live.append(part(8, listOf(8, 9)))
        val data = live.snapshot()
        assertEquals(listOf<Long>(1, 4, 7, 8, 9), steps(live))
        assertEquals(10, live.records)
        assertEquals(90.0, data.extent().high)
        assertEquals(Extent.NAN, data.extent().strange)
        assertEquals(listOf(3, 3, 1, 1, 1), (0 until data.size).map { data.count(it) })
    }

    @Test
    fun `a resumed run takes back what it will do again`() {
        val live = LiveSeries()
        live.append(part(0, listOf(1, 2, 3, 4, 5)))
        live.append(part(3, listOf(4, 5, 6)))
        assertEquals(listOf<Long>(1, 2, 3, 4, 5, 6), steps(live))
        live.append(part(5, listOf(6)))
        assertEquals(listOf<Long>(1, 2, 3, 4, 5, 6), steps(live))
        assertEquals(6, live.records)
    }

    @Test
    fun `stretches keep their extremes`() {
        val live = LiveSeries()
        live.append(
            SeriesPart(
                name = "loss", first = 0, records = 20,
                step = listOf(
                    1,
                    11,
                ),
                seconds = listOf(0.5, 5.5), value = listOf(1.0, Double.NaN),
                low = listOf(
                    0.25,
                    Double.NaN,
                ),
                high = listOf(50.0, Double.NaN), count = listOf(10, 0), minus = listOf(0, 10),
            ),
        )
        val extent = live.snapshot().extent()
        assertEquals(listOf(0.25, 50.0), listOf(extent.low, extent.high))
        assertTrue(extent.strange and Extent.MINUS_INFINITY != 0)
    }
}
