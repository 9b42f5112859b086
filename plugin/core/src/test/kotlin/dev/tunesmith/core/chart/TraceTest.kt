package dev.tunesmith.core.chart

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.util.Random

internal class TraceTest {
    private fun trace(
        curve: Curve,
        state: ChartState,
        width: Int = 500,
        scale: Double = 1.0,
    ): Pair<Trace, ChartLayout> {
        val layout = layout(state, canvas(width, 300, scale))
        val axis = state.shared.xAxis
        return trace(curve, RawSource(curve.data), Columns.of(curve, layout, axis), layout, axis) to layout
    }

    @Test
    fun `every value is inside what is drawn at its place, at any zoom`() {
        val random = Random(2)
        repeat(60) { round ->
            val count = listOf(10, 300, 5000, 200_000)[round % 4]
            val curve = curve(
                series(
                    List(count) {
                        random.nextGaussian() + if (random.nextInt(count) ==
                            0
                        ) {
                            50.0
                        } else {
                            0.0
                        }
                    },
                ),
            )
            val from = random.nextDouble() * count * 0.9
            val x = if (round % 3 ==
                0
            ) {
                null
            } else {
                Interval(from, from + maxOf(2.0, random.nextDouble() * (count - from)))
            }
            val state = state(curve).let { it.copy(shared = it.shared.copy(x = x)) }
            val (trace, layout) = trace(curve, state, scale = if (round % 2 == 0) 1.0 else 2.0)
            val piece = trace.pieces.single()
            for (index in 0 until count step maxOf(1, count / 3000)) {
                val pixel = layout.pixelX(index.toDouble())
                if (pixel < layout.plot.x + 1 || pixel > layout.plot.right - 1) continue
                val y = layout.pixelY(curve.data.value(index))
                val near = (0 until piece.size).filter {
                    piece.lefts[it] <= pixel + 1e-6 &&
                        pixel <= piece.rights[it] + 1e-6
                }
                assertTrue(
                    near.any {
                        piece.tops[it] - 1e-6 <= y && y <= piece.bottoms[it] + 1e-6
                    },
                    "round $round: entry $index is not drawn",
                )
            }
        }
    }

    @Test
    fun `the number of shapes follows the pixels, not the data`() {
        val curve = curve(series(List(300_000) { it % 7.0 }))
        val (trace, layout) = trace(curve, state(curve))
        assertTrue(trace.pieces.single().size <= layout.plot.width + 4)
    }

    @Test
    fun `what is not finite leaves a gap and a sign`() {
        val curve =
            curve(series(1.0, 2.0, Double.NaN, 3.0, Double.POSITIVE_INFINITY, 2.0, Double.NEGATIVE_INFINITY, 1.0))
        val (trace, _) = trace(curve, state(curve))
        assertEquals(4, trace.pieces.size)
        assertEquals(
            listOf(StrangeKind.NAN, StrangeKind.PLUS_INFINITY, StrangeKind.MINUS_INFINITY),
            trace.strange.map {
                it.kind
            },
        )
    }

    @Test
    fun `zero and below leave a gap and a sign on a log scale`() {
        val curve = curve(series(1.0, 0.1, 0.0, 10.0, -5.0, 1.0))
        val log = state(curve).let { it.copy(shared = it.shared.copy(yScale = YScale.LOG)) }
        val (trace, layout) = trace(curve, log)
        assertEquals(3, trace.pieces.size)
        assertEquals(2, trace.strange.count { it.kind == StrangeKind.NOT_POSITIVE })
        assertTrue(
            trace.pieces.all { piece ->
                piece.tops.all {
                    it.isFinite() && it >= layout.plot.y - 1 &&
                        it <= layout.plot.bottom + 1
                }
            },
        )
    }

    @Test
    fun `among many values on a log scale the positive ones are drawn and the others have signs`() {
        val curve = curve(series(List(100_000) { if (it % 10 == 0) 0.0 else 0.5 + it % 3 }))
        val log = state(curve).let { it.copy(shared = it.shared.copy(yScale = YScale.LOG)) }
        val (trace, layout) = trace(curve, log)
        val piece = trace.pieces.single()
        assertEquals(layout.pixelY(0.5), piece.bottoms.max(), 1e-6)
        assertEquals(layout.pixelY(2.5), piece.tops.min(), 1e-6)
        assertTrue(trace.strange.isNotEmpty() && trace.strange.all { it.kind == StrangeKind.NOT_POSITIVE })
    }

    @Test
    fun `a summary is drawn from its least to its greatest value`() {
        val builder = SeriesBuilder()
        for (i in 0 until 10) {
            builder.append(
                Summary(
                    i * 1000L,
                    i.toDouble(),
                    1.0,
                    2.0,
                    if (i ==
                        5
                    ) {
                        90.0
                    } else {
                        3.0
                    },
                    1000,
                    false,
                ),
            )
        }
        val curve = curve(builder.snapshot())
        val (trace, layout) = trace(curve, state(curve))
        assertEquals(layout.pixelY(90.0), trace.pieces.single().tops[5], 1e-6)
        assertEquals(layout.pixelY(1.0), trace.pieces.single().bottoms[5], 1e-6)
    }

    @Test
    fun `a line from far outside enters the plot at its true height`() {
        val builder = SeriesBuilder()
        builder.append(0, 0.0, 0.0)
        builder.append(1_000_000_000, 1.0, 1.0)
        val curve = curve(builder.snapshot())
        val state = state(curve).let {
            it.copy(shared = it.shared.copy(x = Interval(5e8, 5e8 + 10)), y = Interval(0.0, 1.0))
        }
        val (trace, layout) = trace(curve, state)
        assertEquals(layout.pixelY(0.5), trace.pieces.single().tops.average(), 0.1)
    }
}
