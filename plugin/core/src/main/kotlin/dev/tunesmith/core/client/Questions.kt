package dev.tunesmith.core.client

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.collectLatest
import kotlinx.coroutines.flow.receiveAsFlow
import kotlinx.coroutines.launch

/** Questions of which only the newest matters: it cancels the one before, and [state] says what became of it. */
public class Questions<Q : Any, A : Any>(private val answer: suspend (Q) -> A) {
    private class Wish<Q>(val question: Q?)

    private val wishes = Channel<Wish<Q>>(Channel.CONFLATED)
    private val mutableState = MutableStateFlow<QuestionState<Q, A>>(QuestionState.Nothing)

    /** An immutable snapshot. */
    public val state: StateFlow<QuestionState<Q, A>> = mutableState.asStateFlow()

    /** Answer until [scope] ends. */
    public fun start(scope: CoroutineScope): Job = scope.launch {
        wishes.receiveAsFlow().collectLatest { wish ->
            val question = wish.question
            if (question == null) mutableState.value = QuestionState.Nothing else take(question)
        }
    }

    /** From now on this is the question. */
    public fun ask(question: Q) {
        wishes.trySend(Wish(question))
    }

    /** Nobody wants to know any more. */
    public fun forget() {
        wishes.trySend(Wish(null))
    }

    private suspend fun take(question: Q) {
        mutableState.value = QuestionState.Waiting(question)
        mutableState.value = try {
            QuestionState.Answered(question, answer(question))
        } catch (failure: RequestFailure) {
            QuestionState.Failed(question, failure)
        }
    }
}
