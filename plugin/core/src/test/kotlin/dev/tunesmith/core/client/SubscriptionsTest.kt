package dev.tunesmith.core.client

import dev.tunesmith.core.protocol.Seen
import dev.tunesmith.core.protocol.SeriesAppended
import dev.tunesmith.core.protocol.SeriesPart
import dev.tunesmith.core.protocol.SubscribeParams
import dev.tunesmith.core.protocol.Subscribed
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Test

class SubscriptionsTest {
    private val subscriptions = Subscriptions()

    private fun appended(name: String, records: Long) =
        ServerEvent.Series(SeriesAppended("run", listOf(SeriesPart(name, records = records))))

    @Test
    fun `a series that appeared while there was no server is wanted from its first record`() {
        subscriptions.add(this, SubscribeParams("run"))
        subscriptions.began(Subscribed("run", series = listOf(Seen("loss", 5))))
        subscriptions.note(appended("loss", 8))
        assertEquals(listOf(Seen("loss", 8)), subscriptions.again().single().seen)
        val begins = Subscribed("run", series = listOf(Seen("loss", 9), Seen("gradient_norm", 9)))
        val wanted = subscriptions.beganAgain(begins)
        assertEquals(setOf(Seen("loss", 8), Seen("gradient_norm", 0)), wanted?.seen?.toSet())
        assertNull(subscriptions.beganAgain(begins))
    }

    @Test
    fun `nothing is asked again where everything is known or empty`() {
        subscriptions.add(this, SubscribeParams("run", seen = listOf(Seen("loss", 3))))
        assertNull(subscriptions.beganAgain(Subscribed("run", series = listOf(Seen("loss", 3), Seen("late", 0)))))
        assertNull(subscriptions.beganAgain(Subscribed("another", series = listOf(Seen("loss", 3)))))
    }
}
