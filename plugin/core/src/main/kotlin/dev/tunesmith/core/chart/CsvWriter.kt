package dev.tunesmith.core.chart

import dev.tunesmith.core.protocol.Block

private const val HEAD = "run,name,metric,step,seconds,low,value,high,count"

/**
 * Writes all entries of all curves as CSV (RFC 4180), one a line: run id, name, metric, step, seconds since the run
 * began, least, mean and greatest value, and how many values the entry stands for. Values come back exactly when read.
 */
public fun writeCsv(model: ChartModel, out: Appendable) {
    out.append(HEAD).append("\r\n")
    for (curve in model.curves) {
        val head = "${quoted(curve.runId)},${quoted(curve.name)},${quoted(model.metric)},"
        val data = curve.data
        for (index in 0 until data.size) {
            out.append(
                head,
            ).append(data.step(index).toString()).append(',').append(data.seconds(index).toString()).append(',')
            out.append(data.low(index).toString()).append(',').append(data.value(index).toString()).append(',')
            out.append(data.high(index).toString()).append(',').append(data.count(index).toString()).append("\r\n")
        }
    }
}

/** Writes all points of a report's chart as CSV, one a line: panel, mark, x, y; bars end at x + width. */
internal fun writeCsv(chart: Block, out: Appendable) {
    out.append("panel,mark,x,y,width\r\n")
    for (panel in chart.panels) {
        for (mark in panel.marks) {
            val head = "${quoted(panel.title.ifEmpty { panel.yLabel })},${quoted(mark.label)}"
            for ((x, y) in mark.x.zip(mark.y)) out.append("$head,$x,$y,${mark.width}\r\n")
        }
    }
}

/** A spreadsheet must not take a name for a formula. */
private fun quoted(text: String): String {
    val plain = if (text.firstOrNull()?.let { it in "=+-@\t\r" } == true) "'$text" else text
    return if (plain.any { it in ",\"\r\n" }) "\"${plain.replace("\"", "\"\"")}\"" else plain
}
