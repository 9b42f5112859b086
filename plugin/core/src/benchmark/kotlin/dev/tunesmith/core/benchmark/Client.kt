package dev.tunesmith.core.benchmark

import dev.tunesmith.core.client.Limits
import dev.tunesmith.core.client.ServerEvent
import dev.tunesmith.core.protocol.Methods
import dev.tunesmith.core.protocol.QueueParams
import dev.tunesmith.core.support.misbehaving
import dev.tunesmith.core.support.ready
import dev.tunesmith.core.support.withClient
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlin.time.Duration.Companion.hours
import kotlin.time.DurationUnit
import kotlin.time.measureTime

/**
 * How many notifications a second the client takes from a real process, in order and with none lost, and how long a
 * request takes there and back.
 */
internal fun client() {
    withClient(misbehaving("counts"), Limits(pulse = 1.hours)) { client ->
        client.ready()
        repeat(ROUNDS) {
            val heard = async(start = CoroutineStart.UNDISPATCHED) { client.events.take(NOTIFICATIONS).toList() }
            val spent = measureTime {
                client.request(Methods.queue, QueueParams(parallel = NOTIFICATIONS.toLong()))
                val offsets = heard.await().map { (it as ServerEvent.Log).appended.offset }
                check(offsets == List(NOTIFICATIONS) { it.toLong() }) { "lost or out of order" }
            }
            say("notifications a second: %,.0f", NOTIFICATIONS / (spent.inWholeMicroseconds / 1e6))
            val trips = List(REQUESTS) {
                measureTime { client.request(Methods.queue, QueueParams(parallel = 0)) }
            }.map { it.toDouble(DurationUnit.MILLISECONDS) }
            say("round trip: p50 %.2f ms, p95 %.2f ms", percentile(trips, MEDIAN), percentile(trips, P95))
        }
    }
}

private const val ROUNDS = 3
private const val NOTIFICATIONS = 100_000
private const val REQUESTS = 2_000
