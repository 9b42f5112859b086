// Generated from runtime/tunesmith/protocol by tools/generate_protocol.py: change it there.
package dev.tunesmith.core.protocol

/**
 * Without fields: look. With `parallel`: change it.
 *
 * @property parallel From now on, so many runs at a time, 1 to 64; kept with the project.
 */
public data class QueueParams(val parallel: Long? = null)

/**
 * Another place for a waiting run.
 *
 * @property run An id or a unique beginning of one.
 * @property position From 1; beyond the end is the end.
 */
public data class MoveParams(val run: String = "", val position: Long = 0)

/**
 * A waiting run that is not to be started; its folder stays, as stopped.
 *
 * @property run An id or a unique beginning of one.
 */
public data class CancelParams(val run: String = "")

/**
 * One run that waits.
 *
 * @property run Its id.
 * @property position From 1.
 * @property why What it waits for, a sentence.
 */
public data class Waiting(val run: String = "", val position: Long = 0, val why: String = "")

/**
 * Who waits, who is at it.
 *
 * @property parallel So many runs at a time.
 * @property waiting In the order in which they will start.
 * @property running Ids of the runs whose worker is alive.
 * @property problem Why the project's file of waiting runs counts as empty.
 */
public data class Queue(
    val parallel: Long = 1,
    val waiting: List<Waiting> = emptyList(),
    val running: List<String> = emptyList(),
    val problem: Found? = null,
)
