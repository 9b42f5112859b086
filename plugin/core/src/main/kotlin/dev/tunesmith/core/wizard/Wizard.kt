package dev.tunesmith.core.wizard

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.launch
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock

/**
 * Runs the wizard: takes events, asks the server, and tells the state. Estimates are asked one after the other, for
 * each may load a model. Cancelling leaves nothing behind, because nothing was written.
 */
public class Wizard(private val backend: WizardBackend, private val scope: CoroutineScope) {
    private val states = MutableStateFlow(WizardState())
    private val estimating = Mutex()
    private val pending = LinkedHashMap<WizardRequest, Job>()

    public val state: StateFlow<WizardState> = states.asStateFlow()

    init {
        send(WizardEvent.Opened)
    }

    public fun send(event: WizardEvent) {
        synchronized(pending) {
            val next = states.value.after(event)
            states.value = next.state
            if (next.state.isCancelled) pending.values.forEach { it.cancel() }
            pending.entries.removeIf { (request, job) ->
                job.isCompleted ||
                    outdated(request, next.state).also { if (it) job.cancel() }
            }
            for (request in next.requests) pending[request] = scope.launch { ask(request) }
        }
    }

    /** What nobody waits for any longer need not be finished. A project that is being made is. */
    private fun outdated(request: WizardRequest, state: WizardState): Boolean = when (request) {
        is WizardRequest.LoadPreview -> request.params != state.previewParams
        is WizardRequest.LoadEstimate -> request.key !in state.estimates
        WizardRequest.LoadCatalog, is WizardRequest.Make -> false
    }

    private suspend fun ask(request: WizardRequest) {
        val event = try {
            WizardEvent.Answered(request, answer(request))
        } catch (refusal: WizardRefusal) {
            WizardEvent.Refused(request, refusal.message.orEmpty(), refusal.hint)
        }
        send(event)
    }

    private suspend fun answer(request: WizardRequest): Any = when (request) {
        WizardRequest.LoadCatalog -> backend.catalog()
        is WizardRequest.LoadPreview -> backend.preview(request.params)
        is WizardRequest.LoadEstimate -> estimating.withLock { backend.estimate(request.params) }
        is WizardRequest.Make -> backend.newProject(request.params)
    }
}
