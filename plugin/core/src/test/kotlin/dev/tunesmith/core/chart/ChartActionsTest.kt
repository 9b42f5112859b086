package dev.tunesmith.core.chart

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.util.Random

internal class ChartActionsTest {
    private val start = state(curve(series(List(1001) { 1.0 + it % 10 })))

    private fun ChartState.run(vararg actions: ChartAction): ChartState = actions.fold(this) { state, action ->
        state.after(action, layout(state))
    }

    @Test
    fun `zooming keeps what is under the pointer where it is`() {
        val zoomed = start.run(ChartAction.ZoomX(0.25, 0.5))
        assertEquals(250.0, layout(zoomed).x.valueAt(0.25), 1e-6)
        assertEquals(500.0, zoomed.shared.x?.length ?: 0.0, 1e-6)
    }

    @Test
    fun `zooming out ends at all of it, which then follows new data`() {
        assertNull(start.run(ChartAction.ZoomX(0.25, 0.5), ChartAction.ZoomX(0.5, 10.0)).shared.x)
    }

    @Test
    fun `zooming in ends at a few steps`() {
        val closest = (0 until 100).fold(start) { state, _ -> state.run(ChartAction.ZoomX(0.5, 0.5)) }
        assertEquals(2.0, closest.shared.x?.length ?: 0.0, 1e-6)
    }

    @Test
    fun `panning never leaves the data and keeps the length`() {
        val zoomed = start.run(ChartAction.ZoomX(0.5, 0.1))
        assertEquals(Interval(900.0, 1000.0), zoomed.run(ChartAction.Pan(50.0, 0.0)).shared.x)
        assertEquals(Interval(0.0, 100.0), zoomed.run(ChartAction.Pan(-50.0, 0.0)).shared.x)
    }

    @Test
    fun `the scale follows the data until it is moved itself`() {
        val zoomed = start.run(ChartAction.ZoomX(0.5, 0.1), ChartAction.Pan(0.1, 0.3))
        assertNull(zoomed.y)
        assertNotNull(zoomed.run(ChartAction.ZoomY(0.5, 0.5)).y)
        assertNotNull(zoomed.run(ChartAction.Pan(0.0, 0.2)).y)
        assertNull(zoomed.run(ChartAction.ZoomY(0.5, 0.5), ChartAction.Fit).y)
    }

    @Test
    fun `a box shows what is in it, and a slip of the hand does nothing`() {
        val boxed = start.run(ChartAction.StartBox(200.0, 2.0), ChartAction.DragBox(100.0, 8.0), ChartAction.FinishBox)
        assertEquals(Interval(100.0, 200.0), boxed.shared.x)
        assertEquals(Interval(2.0, 8.0), boxed.y)
        assertNull(boxed.box)
        assertEquals(
            start,
            start.run(ChartAction.StartBox(200.0, 2.0), ChartAction.DragBox(201.0, 2.01), ChartAction.FinishBox),
        )
        assertEquals(
            start,
            start.run(ChartAction.StartBox(200.0, 2.0), ChartAction.DragBox(500.0, 5.0), ChartAction.CancelBox),
        )
    }

    @Test
    fun `a box can be drawn with the cursor keys alone`() {
        val boxed = start.run(
            ChartAction.Point(300.0),
            ChartAction.StartBox(300.0),
            ChartAction.StepCursor(50),
            ChartAction.FinishBox,
        )
        assertEquals(300.0, boxed.shared.x?.from)
        assertTrue((boxed.shared.x?.to ?: 0.0) >= 350.0)
        assertNull(boxed.y)
    }

    @Test
    fun `the cursor walks entry by entry and takes the view with it`() {
        val zoomed = start.run(ChartAction.ZoomX(0.0, 0.1), ChartAction.Point(100.0))
        assertEquals(101.0, zoomed.run(ChartAction.StepCursor(1)).shared.cursor)
        val moved = zoomed.run(ChartAction.StepCursor(1))
        assertTrue(101.0 in (moved.shared.x ?: Interval(0.0, 0.0)))
        assertEquals(0.0, zoomed.run(ChartAction.ToEnd(first = true), ChartAction.StepCursor(-1)).shared.cursor)
        assertEquals(1000.0, zoomed.run(ChartAction.ToEnd(first = false), ChartAction.StepCursor(1)).shared.cursor)
    }

    @Test
    fun `the cursor jumps to marks and to the best point`() {
        val curve = start.model.curves[0].copy(
            marks = listOf(Mark(MarkKind.CHECKPOINT, 100, 50.0, ""), Mark(MarkKind.RESUMED, 400, 200.0, "")),
            best = BestPoint(700, 350.0, 1.0),
        )
        val marked = state(curve)
        assertEquals(100.0, marked.run(ChartAction.ToMark(1)).shared.cursor)
        assertEquals(
            400.0,
            marked.run(ChartAction.ToMark(1), ChartAction.ToMark(1), ChartAction.ToMark(1)).shared.cursor,
        )
        assertEquals(100.0, marked.run(ChartAction.Point(400.0), ChartAction.ToMark(-1)).shared.cursor)
        assertEquals(700.0, marked.run(ChartAction.ToBest).shared.cursor)
    }

    @Test
    fun `another axis keeps the cursor at its step`() {
        val timed = start.run(ChartAction.Point(300.0), ChartAction.SetAxis(XAxis.RELATIVE_TIME))
        assertEquals(150.0, timed.shared.cursor)
        assertNull(start.run(ChartAction.Point(300.0), ChartAction.SetAxis(XAxis.EPOCH)).shared.cursor)
    }

    @Test
    fun `no sequence of actions crashes or shows an empty range`() {
        val random = Random(4)
        val odd = listOf(0.0, -3.0, Double.NaN, 5.0, Double.POSITIVE_INFINITY, 2.0)
        repeat(40) { round ->
            var state = state(
                curve(
                    series(
                        List(
                            if (round % 4 ==
                                0
                            ) {
                                1
                            } else {
                                500
                            },
                        ) { odd[random.nextInt(odd.size)] },
                    ),
                ),
                curve(SeriesData.EMPTY, 1),
            )
            repeat(200) {
                val r = random.nextDouble()
                val action = listOf(
                    ChartAction.ZoomX(
                        r,
                        0.5 + random.nextDouble(),
                    ),
                    ChartAction.ZoomY(r, 0.3 + random.nextDouble()), ChartAction.Pan(r - 0.5, 0.0),
                    ChartAction.Pan(
                        0.0,
                        r - 0.5,
                    ),
                    ChartAction.Fit, ChartAction.Point(r * 600), ChartAction.StepCursor(random.nextInt(9) - 4),
                    ChartAction.ToEnd(r > 0.5), ChartAction.ToMark(1), ChartAction.ToBest,
                    ChartAction.StartBox(
                        r * 500,
                        r * 5,
                    ),
                    ChartAction.DragBox(r * 300, -r),
                    ChartAction.FinishBox, ChartAction.CancelBox,
                    ChartAction.SetScale(
                        YScale.entries[random.nextInt(2)],
                    ),
                    ChartAction.SetAxis(XAxis.entries[random.nextInt(4)]),
                )[random.nextInt(16)]
                state = state.run(action)
                val layout = layout(state)
                assertTrue(layout.x.range.length > 0.0 && layout.y.range.length > 0.0, "$action: $state")
            }
            painted(state)
        }
    }
}
