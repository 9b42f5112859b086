package dev.tunesmith.core.details

import dev.tunesmith.core.client.RequestFailure
import dev.tunesmith.core.panels.LogText
import dev.tunesmith.core.protocol.Event
import dev.tunesmith.core.protocol.Log
import dev.tunesmith.core.protocol.LogAppended
import dev.tunesmith.core.protocol.Report
import dev.tunesmith.core.protocol.RunDetail

/** What can happen to the details of a run. */
internal sealed interface DetailsInput {
    data class Described(val detail: RunDetail) : DetailsInput

    data class Reported(val report: Report) : DetailsInput

    /** Events, oldest first; some may be known already. */
    data class Happened(val events: List<Event>) : DetailsInput

    /** The end of the log, read anew. */
    data class LogRead(val log: Log) : DetailsInput

    data class Printed(val appended: LogAppended) : DetailsInput

    data class Failed(val failure: RequestFailure) : DetailsInput
}

/**
 * Everything about one run but its numbers, an immutable snapshot.
 *
 * @property run Its id.
 * @property detail Settings, checkpoints, metrics; null until they have come.
 * @property events What happened, oldest first.
 * @property report Null until it has come; a run that has none yet is told in it.
 * @property log The end of what its worker printed.
 * @property logEnd So much of the log is in [log] or lies before it. Unit: B.
 * @property failure Why it cannot be shown, such as a run that was deleted.
 */
internal data class Details(
    val run: String,
    val detail: RunDetail? = null,
    val events: List<Event> = emptyList(),
    val report: Report? = null,
    val log: LogText = LogText(),
    val logEnd: Long = 0,
    val failure: RequestFailure? = null,
) {
    fun after(input: DetailsInput): Details = when (input) {
        is DetailsInput.Described -> copy(detail = input.detail, failure = null)
        is DetailsInput.Reported -> copy(report = input.report)
        is DetailsInput.Happened -> copy(events = events.after(input.events))
        is DetailsInput.LogRead -> copy(log = LogText().appended(input.log.text), logEnd = input.log.end)
        is DetailsInput.Printed -> printed(input.appended)
        is DetailsInput.Failed -> copy(failure = input.failure)
    }

    /** Whoever else hears of the run may have it sent again from further back. */
    private fun printed(more: LogAppended): Details {
        if (more.end <= logEnd) return this
        val known = (logEnd - more.offset).coerceAtLeast(0)
        val text = if (known == 0L) more.text else more.text.toByteArray().drop(known)
        return copy(log = log.appended(text), logEnd = more.end)
    }

    private fun ByteArray.drop(count: Long): String =
        if (count >= size) "" else String(this, count.toInt(), size - count.toInt(), Charsets.UTF_8)
}
