package dev.tunesmith.core.client

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

class BackoffTest {
    @Test
    fun `waits twice as long after each crash, up to the longest`() {
        val backoff = Backoff(first = 1.seconds, longest = 5.seconds, steady = 1.minutes)
        assertEquals(listOf(1, 2, 4, 5, 5).map { it.seconds }, List(5) { backoff.after(lived = 10.milliseconds) })
    }

    @Test
    fun `a server that lived long starts the waiting anew`() {
        val backoff = Backoff(first = 1.seconds, longest = 5.seconds, steady = 1.minutes)
        repeat(3) { backoff.after(lived = 1.seconds) }
        assertEquals(listOf(1.seconds, 2.seconds), listOf(backoff.after(2.minutes), backoff.after(1.seconds)))
    }

    @Test
    fun `asking for a new attempt starts the waiting anew`() {
        val backoff = Backoff(first = 1.seconds, longest = 5.seconds, steady = 1.minutes)
        repeat(3) { backoff.after(lived = 1.seconds) }
        backoff.reset()
        assertEquals(1.seconds, backoff.after(lived = 1.seconds))
    }
}
