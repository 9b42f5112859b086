package dev.tunesmith.core.chart

import dev.tunesmith.core.protocol.SeriesPart
import dev.tunesmith.core.protocol.Curve as Envelope

/**
 * One series of a run as the server tells of it: first an envelope of what was there, then what is new. Not for several
 * threads at once; the snapshots are.
 */
public class LiveSeries {
    private var builder = SeriesBuilder()

    /** How many values of the series are in here, singly or in summaries. */
    public var records: Long = 0
        private set

    public fun snapshot(): SeriesData = builder.snapshot()

    /** Begins anew with an [envelope] of the whole series. */
    public fun restart(envelope: Envelope) {
        builder = SeriesBuilder()
        for (i in envelope.step.indices) {
            val other = envelope.nan.at(i) + envelope.plus.at(i) + envelope.minus.at(i)
            if (envelope.count[i] == 1L && other == 0L) {
                builder.append(envelope.step[i], envelope.seconds[i], envelope.mean[i])
            } else {
                builder.append(envelope.summary(i))
            }
        }
        records = envelope.records
    }

    /** Adds what is new; where it begins before the end of what is here, a resumed run has taken that back. */
    public fun append(part: SeriesPart) {
        if (part.first < records && part.step.isNotEmpty()) builder.cutAfter(part.step[0] - 1)
        for (i in part.step.indices) {
            if (part.count.isEmpty()) {
                builder.append(
                    part.step[i],
                    part.seconds[i],
                    part.value[i],
                )
            } else {
                builder.append(part.summary(i))
            }
        }
        records = part.records
    }
}

private fun List<Long>.at(index: Int): Long = getOrElse(index) { 0L }

private fun Envelope.summary(i: Int) = Summary(
    step[i],
    seconds[i],
    low[i],
    mean[i],
    high[i],
    count[i].toInt(),
    nan.at(i) > 0,
    plus.at(i) > 0,
    minus.at(i) > 0,
)

private fun SeriesPart.summary(i: Int) = Summary(
    step[i],
    seconds[i],
    low[i],
    value[i],
    high[i],
    count[i].toInt(),
    nan.at(i) > 0,
    plus.at(i) > 0,
    minus.at(i) > 0,
)
