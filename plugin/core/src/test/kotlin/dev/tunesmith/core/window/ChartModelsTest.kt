package dev.tunesmith.core.window

import dev.tunesmith.core.chart.BestPoint
import dev.tunesmith.core.chart.Mark
import dev.tunesmith.core.chart.MarkKind
import dev.tunesmith.core.chart.SeriesBuilder
import dev.tunesmith.core.chart.SeriesData
import dev.tunesmith.core.chart.Timeline
import dev.tunesmith.core.details.marks
import dev.tunesmith.core.protocol.Best
import dev.tunesmith.core.protocol.Event
import dev.tunesmith.core.protocol.RunSummary
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test

internal class ChartModelsTest {
    private val data: SeriesData = SeriesBuilder().apply {
        append(1, 0.5, 3.0)
        append(2, 1.0, 2.0)
    }.snapshot()

    private val best = Best("f1", 2.0, 2)
    private val one = RunSummary(id = "one", name = "first", created = 100.0, step = 20, epoch = 2.0, best = best)
    private val two = RunSummary(id = "two")

    @Test
    fun `one chart for each series, the losses first, one curve for each run that has it, in the order of colours`() {
        val curves = mapOf(
            "one" to mapOf("accuracy" to data, "validation_f1" to data, "loss" to data),
            "two" to mapOf("loss" to data, "validation_loss" to data),
            "three" to mapOf("loss" to data),
        )
        val charts = chartModels(listOf(one, two), mapOf("one" to 1, "two" to 0), curves)
        assertEquals(listOf("loss", "validation_loss", "validation_f1", "accuracy"), charts.map { it.metric })
        assertEquals(listOf("two" to 0, "one" to 1), charts.first().curves.map { it.runId to it.slot })
        assertEquals(listOf("two", "first"), charts.first().curves.map { it.name })
        assertEquals(listOf("one"), charts.last().curves.map { it.runId })
    }

    @Test
    fun `a curve knows its time, its epochs and its best point`() {
        val charts = chartModels(listOf(one), mapOf("one" to 0), mapOf("one" to mapOf("validation_f1" to data)))
        val curve = charts.single().curves.single()
        assertEquals(Timeline(startedAt = 100.0, stepsPerEpoch = 10.0), curve.timeline)
        assertEquals(BestPoint(2, 1.0, 2.0), curve.best)
    }

    @Test
    fun `what happened to a run stands below its curves, without what a resume took back`() {
        val events = listOf(
            Event(1, "state", step = 0),
            Event(2, "evaluation", seconds = 1.0, step = 2, fields = mapOf("metrics" to mapOf("f1" to 0.5))),
            Event(3, "checkpoint", seconds = 1.5, step = 3, current = false),
            Event(4, "resumed", seconds = 2.0, step = 2, fields = mapOf("message" to "from step-2")),
        )
        val charts = chartModels(
            listOf(one, two),
            mapOf("one" to 0, "two" to 1),
            mapOf("one" to mapOf("loss" to data), "two" to mapOf("loss" to data)),
            mapOf("one" to marks(events)),
        )
        val marks = charts.single().curves.map { it.marks }
        assertEquals(
            listOf(Mark(MarkKind.EVALUATION, 2, 1.0, "f1: 0.5"), Mark(MarkKind.RESUMED, 2, 2.0, "from step-2")),
            marks[0],
        )
        assertEquals(emptyList<Mark>(), marks[1])
    }
}
