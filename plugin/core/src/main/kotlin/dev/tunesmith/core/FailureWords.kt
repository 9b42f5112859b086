package dev.tunesmith.core

import dev.tunesmith.core.client.AnswerMalformed
import dev.tunesmith.core.client.RequestFailure
import dev.tunesmith.core.client.RequestRefused
import dev.tunesmith.core.client.RequestTimedOut
import dev.tunesmith.core.client.ServerBusy
import dev.tunesmith.core.client.ServerLost
import dev.tunesmith.core.client.phrase

/** What to tell the user of a request that failed. What the server refuses it explains itself, in its own words. */
public fun Words.failure(failure: RequestFailure): String = when (failure) {
    is RequestRefused -> {
        val hint = failure.data?.hint.orEmpty()
        val message = failure.data?.message ?: failure.message.orEmpty()
        if (hint.isEmpty() || hint in message) message else "$message\n$hint"
    }

    is ServerLost -> invoke(phrase(failure.reason, failure.log))

    is RequestTimedOut -> invoke("failure.timed-out", failure.limit.inWholeSeconds)

    is ServerBusy -> invoke("failure.busy")

    is AnswerMalformed -> invoke("failure.malformed")
}
