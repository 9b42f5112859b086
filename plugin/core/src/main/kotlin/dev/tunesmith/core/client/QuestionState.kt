package dev.tunesmith.core.client

/** What became of a question to the server. */
public sealed interface QuestionState<out Q, out A> {
    /** Nobody has asked. */
    public data object Nothing : QuestionState<kotlin.Nothing, kotlin.Nothing>

    public data class Waiting<Q>(val question: Q) : QuestionState<Q, kotlin.Nothing>

    public data class Answered<Q, A>(val question: Q, val answer: A) : QuestionState<Q, A>

    public data class Failed<Q>(val question: Q, val failure: RequestFailure) : QuestionState<Q, kotlin.Nothing>
}
