package dev.tunesmith.core.details

import dev.tunesmith.core.protocol.Event
import dev.tunesmith.core.protocol.Log
import dev.tunesmith.core.protocol.LogAppended
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test

internal class DetailsTest {
    private fun Details.printed(text: String, offset: Long) =
        after(DetailsInput.Printed(LogAppended(run, text, offset, offset + text.toByteArray().size)))

    @Test
    fun `a log that is sent again from further back is shown once, also where it is not ASCII`() {
        val read = Details("a").after(DetailsInput.LogRead(Log("läuft\n", 100, 107, 107)))
        val more = read.printed("läuft\nweiter\n", 100).printed("weiter\n", 107).printed("Ende\n", 114)
        assertEquals("läuft\nweiter\nEnde\n", more.log.text)
        assertEquals(119, more.logEnd)
        val anew = more.after(DetailsInput.LogRead(Log("Ende\n", 114, 119, 119)))
        assertEquals("Ende\n", anew.log.text)
    }

    @Test
    fun `events are known once, and a resume takes back what came after its step`() {
        val evaluation = Event(3, "evaluation", step = 8)
        val first = listOf(Event(1, "state"), Event(2, "checkpoint", step = 5), evaluation)
        val begun = Details("a").after(DetailsInput.Happened(first))
        val resumed = begun.after(DetailsInput.Happened(listOf(evaluation, Event(4, "resumed", step = 5))))
        assertEquals(listOf(1L, 2L, 3L, 4L), resumed.events.map { it.number })
        assertEquals(listOf(true, true, false, true), resumed.events.map { it.current })
    }
}
