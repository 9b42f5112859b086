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
)

/** What happened in a run at the cursor. */
internal data class ReadoutMark(val curve: Curve, val mark: Mark)

/** What is to be read at the cursor: every run's value, and what happened in the runs whose marks are drawn. */
internal data class Readout(val place: String, val lines: List<ReadoutLine>, val marks: List<ReadoutMark>)

/** What is to be read at the cursor; null where no curve has anything near. */
internal fun readout(state: ChartState, layout: ChartLayout, words: Words, zone: ZoneId): Readout? {
    val axis = state.shared.xAxis
    val cursor = state.shared.cursor ?: return null
    val column = columnWidth(layout)
    val lines = state.model.curves.mapNotNull { curve ->
        val index = curve.nearest(axis, cursor) ?: return@mapNotNull null
        if (isFar(curve, axis, index, cursor, column)) return@mapNotNull null
        ReadoutLine(
            curve,
            index,
            valueWords(curve.data.value(index)),
            curve.smoothed?.let { valueWords(it.value(index)) },
            range(curve, axis, cursor, column),
        )
    }
    val marks = markedCurves(state).flatMap { curve ->
        marksAt(curve, layout, axis, cursor).map { ReadoutMark(curve, it) }
    }
    val nearest = lines.minByOrNull { abs(it.curve.x(axis, it.index) - cursor) }
    val place = when {
        nearest != null -> with(nearest.curve) {
            placeWords(this, data.step(nearest.index), data.seconds(nearest.index), axis, words, zone)
        }

        marks.isNotEmpty() -> with(marks.first()) { placeWords(curve, mark.step, mark.seconds, axis, words, zone) }

        else -> return null
    }
    val sorted = lines.sortedByDescending {
        it.curve.data.value(it.index).let { value -> if (value.isNaN()) Double.NEGATIVE_INFINITY else value }
    }
    return Readout(place, sorted, rarestFirst(marks, axis, cursor))
}

/** How much of the horizontal axis one pixel is. */
private fun columnWidth(layout: ChartLayout): Double = layout.x.range.length / maxOf(1.0, layout.plot.width)

private fun rarestFirst(marks: List<ReadoutMark>, axis: XAxis, cursor: Double): List<ReadoutMark> = marks.sortedWith(
    compareByDescending<ReadoutMark> { it.mark.kind }
        .thenBy { abs(it.curve.x(axis, it.mark.step, it.mark.seconds) - cursor) },
)

/** The run whose curve is nearest to a pixel of the plot; null where no curve has anything near. */
internal fun runAt(state: ChartState, layout: ChartLayout, x: Double, y: Double): String? {
    val axis = state.shared.xAxis
    val at = layout.xAt(x)
    val near = state.model.curves.mapNotNull { curve ->
        val index = curve.nearest(axis, at)?.takeUnless { isFar(curve, axis, it, at, columnWidth(layout)) }
        val value = index?.let { curve.smoothed?.value(it) ?: curve.data.value(it) } ?: Double.NaN
        (curve.runId to abs(layout.pixelY(value) - y)).takeUnless { it.second.isNaN() }
    }
    return near.minByOrNull { it.second }?.first
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

private fun placeWords(curve: Curve, step: Long, seconds: Double, axis: XAxis, words: Words, zone: ZoneId): String {
    val said = stepWords(step, words)
    return when (axis) {
        XAxis.STEP -> said

        XAxis.EPOCH -> words("chart.readout.epoch", valueWords(curve.x(axis, step, seconds)), said)

        XAxis.RELATIVE_TIME -> words("chart.readout.time", durationWords(seconds), said)

        XAxis.WALL_TIME -> words(
            "chart.readout.time",
            momentWords(LocalDateTime.ofInstant(moment(curve, seconds), zone)),
            said,
        )
    }
}

private fun stepWords(step: Long, words: Words): String = words("chart.readout.step", countWords(step))

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

/** In which run, what, at which step, and what there is to say of it. */
internal fun markWords(found: ReadoutMark, words: Words): String {
    val mark = found.mark
    val said = listOf(found.curve.name, words(markKey(mark.kind)), stepWords(mark.step, words), mark.words)
    return said.filter { it.isNotEmpty() }.joinToString(" · ")
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

/** Values first, then what happened. */
internal fun readoutRows(readout: Readout, theme: ChartTheme, words: Words): List<ReadoutRow> {
    val values = readout.lines.take(READOUT_MOST).map { line ->
        val (color, dash) = line.curve.slot.let { theme.color(it) to theme.dash(it) }
        val behind = listOfNotNull(line.value.takeIf { line.smoothed != null }, line.range).joinToString("   ")
        ReadoutRow(color, dash, null, line.curve.name, line.smoothed ?: line.value, behind)
    }
    val marks = readout.marks.take(MARKS_MOST).map { found ->
        val color = theme.color(found.curve.slot)
        ReadoutRow(color, Dash.SOLID, found.mark.kind, markWords(found, words), "", "")
    }
    return values + marks
}

private const val READOUT_MOST = 12
private const val MARKS_MOST = 8
