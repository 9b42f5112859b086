package dev.tunesmith.core.client

import kotlin.time.Duration
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

/**
 * How long to wait before a server that ended is started again: doubling from [first] up to [longest].
 *
 * A server that lived at least [steady] before it ended counts as healthy, so the waiting begins anew.
 */
public class Backoff(
    private val first: Duration = 1.seconds,
    private val longest: Duration = 1.minutes,
    private val steady: Duration = 2.minutes,
) {
    private var next = first

    /** The wait after a server that lived for [lived]. */
    public fun after(lived: Duration): Duration {
        val wait = if (lived >= steady) first else next
        next = minOf(wait * 2, longest)
        return wait
    }

    /** The user asked for a new attempt: what happened before no longer counts. */
    public fun reset() {
        next = first
    }
}
