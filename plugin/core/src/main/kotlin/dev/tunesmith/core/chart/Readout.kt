package dev.tunesmith.core.chart

import dev.tunesmith.core.Words
import java.awt.Color
import java.time.Instant
import java.time.LocalDateTime
import java.time.ZoneId
import kotlin.math.abs

/** One line of the read-out: a run's value at the cursor and, where the pixel hides more values, their [range]. */
internal data class ReadoutLine(
    val curve: Curve,
    val index: Int,
    val value: String,
    val smoothed: String?,
    val range: String?,
    val marks: List<Mark>,
)

internal data class Readout(val place: String, val lines: List<ReadoutLine>)

/** What is to be read at the cursor; null where no curve has anything near. */
internal fun readout(state: ChartState, layout: ChartLayout, words: Words, zone: ZoneId): Readout? {
    val axis = state.shared.xAxis
    val cursor = state.shared.cursor ?: return null
    val column = layout.x.range.length / maxOf(1.0, layout.plot.width)
    val lines = state.model.curves.mapNotNull { curve ->
        val index = curve.nearest(axis, cursor) ?: return@mapNotNull null
        if (isFar(curve, axis, index, cursor, column)) return@mapNotNull null
        ReadoutLine(
            curve,
            index,
            valueWords(curve.data.value(index)),
            curve.smoothed?.let { valueWords(it.value(index)) },
            range(curve, axis, cursor, column),
            marksAt(curve, layout, axis, cursor),
        )
    }
    val nearest = lines.minByOrNull { abs(it.curve.x(axis, it.index) - cursor) } ?: return null
    val sorted = lines.sortedByDescending {
        it.curve.data.value(it.index).let { value -> if (value.isNaN()) Double.NEGATIVE_INFINITY else value }
    }
    return Readout(placeWords(nearest.curve, nearest.index, axis, words, zone), sorted)
}

/** A run that ended long before the cursor has no value there. */
private fun isFar(curve: Curve, axis: XAxis, index: Int, cursor: Double, column: Double): Boolean {
    val x = curve.x(axis, index)
    val isEnd = (index == 0 && cursor < x) || (index == curve.data.size - 1 && cursor > x)
    return isEnd && abs(x - cursor) > column * END_REACH
}

private const val END_REACH = 12.0

private fun range(curve: Curve, axis: XAxis, cursor: Double, column: Double): String? {
    val from = curve.firstAt(axis, cursor - column / 2)
    val to = curve.firstAt(axis, cursor + column / 2)
    val many = to - from > 1 || (to > from && curve.data.count(from) > 1)
    if (!many) return null
    val extent = curve.data.extent(from, to)
    return if (extent.isEmpty ||
        extent.low == extent.high
    ) {
        null
    } else {
        "${valueWords(extent.low, 3)} … ${valueWords(extent.high, 3)}"
    }
}

private fun placeWords(curve: Curve, index: Int, axis: XAxis, words: Words, zone: ZoneId): String {
    val step = words("chart.readout.step", countWords(curve.data.step(index)))
    val seconds = curve.data.seconds(index)
    return when (axis) {
        XAxis.STEP -> step

        XAxis.EPOCH -> words("chart.readout.epoch", valueWords(curve.x(axis, index)), step)

        XAxis.RELATIVE_TIME -> words("chart.readout.time", durationWords(seconds), step)

        XAxis.WALL_TIME -> words(
            "chart.readout.time",
            momentWords(LocalDateTime.ofInstant(moment(curve, seconds), zone)),
            step,
        )
    }
}

private fun moment(curve: Curve, seconds: Double): Instant = Instant.ofEpochMilli(
    (
        (curve.timeline.startedAt + seconds) *
            1000
        ).toLong(),
)

internal fun markKey(kind: MarkKind): String = when (kind) {
    MarkKind.CHECKPOINT -> "chart.mark.checkpoint"
    MarkKind.EVALUATION -> "chart.mark.evaluation"
    MarkKind.WARNING -> "chart.mark.warning"
    MarkKind.MEMORY_STEP_DOWN -> "chart.mark.memory-step-down"
    MarkKind.RESUMED -> "chart.mark.resumed"
}

/** The lines of a read-out box: sign, words at the left, values at the right. */
internal class ReadoutRow(
    val color: Color,
    val dash: Dash,
    val mark: MarkKind?,
    val left: String,
    val middle: String,
    val right: String,
)

internal fun readoutRows(readout: Readout, theme: ChartTheme, words: Words): List<ReadoutRow> =
    readout.lines.take(READOUT_MOST).flatMap { line ->
        val color = theme.color(line.curve.slot)
        val behind = listOfNotNull(line.value.takeIf { line.smoothed != null }, line.range).joinToString("   ")
        val value =
            ReadoutRow(color, theme.dash(line.curve.slot), null, line.curve.name, line.smoothed ?: line.value, behind)
        val marks = line.marks.distinctBy { it.kind to it.words }.take(MARKS_MOST).map { mark ->
            ReadoutRow(
                color,
                Dash.SOLID,
                mark.kind,
                listOf(words(markKey(mark.kind)), mark.words).filter {
                    it.isNotEmpty()
                }.joinToString(" · "),
                "",
                "",
            )
        }
        listOf(value) + marks
    }

private const val READOUT_MOST = 12
private const val MARKS_MOST = 3
