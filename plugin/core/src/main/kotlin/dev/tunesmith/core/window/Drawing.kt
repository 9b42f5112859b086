package dev.tunesmith.core.window

import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.conflate
import kotlinx.coroutines.yield
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.TimeSource

/**
 * Draws the newest of [states] at most ten times a second, on the dispatcher of the caller, the UI thread; where that
 * takes long, more rarely, so that no more than [share] of the thread's time goes into it, its repainting included.
 */
internal suspend fun <T> draw(states: Flow<T>, share: Double, draw: (T) -> Unit) {
    val budget = Budget(share)
    var before = TimeSource.Monotonic.markNow()
    states.conflate().collect { state ->
        val began = TimeSource.Monotonic.markNow()
        val passed = began - before
        before = began
        draw(state)
        repeat(REPAINTED) { yield() }
        delay(budget.pause(began.elapsedNow(), passed))
    }
}

/**
 * How much time of the UI thread drawing may take: [share] of it in the long run. What was saved in quiet times may be
 * spent at once, so that a window opens and a click shows without a wait.
 */
internal class Budget(private val share: Double) {
    private var credit = CREDIT
    private var isFirst = true

    /** How long to wait after a drawing that took [spent] and began so long [after] the one before it. */
    fun pause(spent: Duration, after: Duration): Duration {
        credit = minOf(CREDIT, credit + after * share) - spent
        val debt = if (credit < Duration.ZERO) -credit / share else Duration.ZERO
        val least = if (isFirst) Duration.ZERO else FRAME
        isFirst = false
        return maxOf(least, debt)
    }

    internal companion object {
        /** So much may be spent at once. */
        val CREDIT = 500.milliseconds

        /** Between two drawings, at least. */
        val FRAME = 100.milliseconds
    }
}

/** So many turns of the UI thread later, what was asked to be repainted has been. */
private const val REPAINTED = 2
