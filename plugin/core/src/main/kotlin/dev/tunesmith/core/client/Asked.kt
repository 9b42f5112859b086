package dev.tunesmith.core.client

/** What became of a question to the server. */
public sealed interface Asked<out Q, out A> {
    /** Nobody has asked. */
    public data object Nothing : Asked<kotlin.Nothing, kotlin.Nothing>

    public data class Waiting<Q>(val question: Q) : Asked<Q, kotlin.Nothing>

    public data class Answered<Q, A>(val question: Q, val answer: A) : Asked<Q, A>

    public data class Failed<Q>(val question: Q, val failure: RequestFailure) : Asked<Q, kotlin.Nothing>
}
