package dev.tunesmith.core.window

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

internal class BudgetTest {
    @Test
    fun `the first drawing is followed by the next at once, light ones ten times a second`() {
        val budget = Budget(0.02)
        assertEquals(Duration.ZERO, budget.pause(200.milliseconds, Duration.ZERO))
        assertEquals(100.milliseconds, budget.pause(1.milliseconds, 200.milliseconds))
    }

    @Test
    fun `in the long run no more than the share is spent, however long a drawing takes`() {
        val budget = Budget(0.05)
        var passed = Duration.ZERO
        var spent = Duration.ZERO
        var after = Duration.ZERO
        while (passed < 5.minutes) {
            after = 80.milliseconds + budget.pause(80.milliseconds, after)
            passed += after
            spent += 80.milliseconds
        }
        assertTrue(spent <= passed * 0.05 + Budget.CREDIT + 80.milliseconds, "$spent of $passed")
        assertTrue(spent >= passed * 0.045, "$spent of $passed: more rarely than it may be")
    }

    @Test
    fun `after a quiet time a click is drawn without a wait`() {
        val budget = Budget(0.05)
        repeat(10) { budget.pause(200.milliseconds, 200.milliseconds) }
        assertTrue(budget.pause(1.milliseconds, 100.milliseconds) > 1.seconds)
        assertEquals(Budget.FRAME, budget.pause(100.milliseconds, 1.minutes))
    }
}
