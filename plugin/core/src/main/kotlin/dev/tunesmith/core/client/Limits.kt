package dev.tunesmith.core.client

import kotlin.time.Duration
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

/**
 * How long the client waits before it calls something wrong.
 *
 * @property handshake For the server's start, with the imports that this needs.
 * @property answer For a request that is answered out of what the server holds.
 * @property slowAnswer For one that reads data, loads a model, or makes an environment.
 * @property pulse How often the server is asked for a sign of life.
 * @property silence How long such a sign may take; then the server counts as hung.
 * @property farewell For ending by itself when it is asked to.
 */
public data class Limits(
    val handshake: Duration = 60.seconds,
    val answer: Duration = 30.seconds,
    val slowAnswer: Duration = 30.minutes,
    val pulse: Duration = 10.seconds,
    val silence: Duration = 30.seconds,
    val farewell: Duration = 3.seconds,
)
