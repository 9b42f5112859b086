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
    states.conflate().collect { state ->
        val began = TimeSource.Monotonic.markNow()
        draw(state)
        repeat(REPAINTED) { yield() }
        delay(pause(began.elapsedNow(), share))
    }
}

internal fun pause(spent: Duration, share: Double): Duration = maxOf(FRAME, spent * (1 / share - 1))

private val FRAME = 100.milliseconds

/** So many turns of the UI thread later, what was asked to be repainted has been. */
private const val REPAINTED = 2
