package dev.tunesmith.core.environment

import dev.tunesmith.core.client.ClientState
import dev.tunesmith.core.client.RequestFailure
import dev.tunesmith.core.client.TunesmithClient
import dev.tunesmith.core.protocol.Environment
import dev.tunesmith.core.protocol.EnvironmentParams
import dev.tunesmith.core.protocol.Methods
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.collectLatest
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import java.nio.file.Path

/**
 * What the banner shows.
 *
 * @property banner What is missing; null where nothing is.
 * @property making How far the mending is, or how it ended, as long as the banner is there.
 */
public data class BannerState(val banner: Banner? = null, val making: EnvironmentState? = null) {
    /** Whether something is being installed. */
    public val isMending: Boolean get() = making != null && making.end == null
}

/** What of the IDE the banner needs. */
public interface BannerHost {
    /** Whether the user trusts the project. */
    public val isTrusted: Boolean

    /** What is to be made or installed; null where there is nothing to begin with, or nothing to install. */
    public suspend fun plan(mend: Mend): EnvironmentPlan?

    /** [python] trains from now on; whether the IDE takes it as the project's interpreter too. */
    public suspend fun use(python: Path): Boolean

    /** Let the user choose an interpreter. */
    public fun choose()

    /** Let the user decide whether the project is trusted. */
    public fun trust()
}

/** Watches what is missing, and mends it when the user says so. */
public class BannerModel(
    private val client: TunesmithClient,
    private val host: BannerHost,
    private val scope: CoroutineScope,
    private val io: CoroutineDispatcher,
) {
    private val runner = ProcessRunner(io)
    private val mutableState = MutableStateFlow(BannerState())
    private var mending: Job? = null

    /** What the IDE did not take when it was asked last. */
    @Volatile
    private var refused: Path? = null

    /** What the banner shows, an immutable snapshot. */
    public val state: StateFlow<BannerState> = mutableState.asStateFlow()

    /** Follow the client until the scope ends. */
    public fun start(): Job = scope.launch {
        client.state.collectLatest { now ->
            see(now, null)
            if (now is ClientState.Ready) environment()?.let { see(now, it) }
        }
    }

    /** Do what the banner's button says; the work, where there is any. */
    public fun mend(): Job? {
        val mend = mutableState.value.banner?.mend
        when (mend) {
            null -> return null
            Mend.ChooseInterpreter -> host.choose()
            Mend.Trust -> host.trust()
            is Mend.Take -> return take(mend.python)
            else -> return begin { host.plan(mend) }
        }
        return null
    }

    /** Make or install what [plan] says; the work. */
    public fun carryOut(plan: EnvironmentPlan): Job? = begin { plan }

    /** Let [python] be the one that trains, and the project's interpreter; the work. */
    public fun take(python: Path): Job? = work {
        use(python)
        mutableState.update { before ->
            before.copy(banner = before.banner?.takeIf { it.trouble != Trouble.NOT_TAKEN } ?: notTaken())
        }
    }

    private fun begin(plan: suspend () -> EnvironmentPlan?): Job? = work {
        plan()?.let { install(it) } ?: host.choose()
    }

    private fun work(what: suspend () -> Unit): Job? {
        if (mending?.isActive == true) return null
        return scope.launch { what() }.also { mending = it }
    }

    private suspend fun use(python: Path) {
        refused = python.takeUnless { host.use(it) }
    }

    private fun notTaken(): Banner? = refused?.let { Banner(Trouble.NOT_TAKEN, Mend.Take(it), it.toString()) }

    /** End the mending. */
    public fun cancel() {
        mending?.cancel()
    }

    private fun see(state: ClientState, environment: Environment?) {
        val now = banner(state, environment, host.isTrusted) ?: notTaken()
        mutableState.update { before ->
            val isSame = now?.trouble == before.banner?.trouble
            when {
                before.isMending -> before.copy(banner = before.banner ?: now)
                state is ClientState.Connecting && now == null -> before
                else -> BannerState(now, before.making.takeIf { isSame })
            }
        }
    }

    private suspend fun environment(): Environment? = try {
        client.request(Methods.environment, EnvironmentParams(diagnose = true))
    } catch (_: RequestFailure) {
        null // the client's state tells
    }

    private suspend fun install(plan: EnvironmentPlan) {
        val maker = EnvironmentMaker(plan, runner, io)
        val showing = scope.launch { maker.state.collect { now -> mutableState.update { it.copy(making = now) } } }
        try {
            val end = maker.make()
            if (end is EnvironmentEnd.Made && plan.folder != null) use(end.python)
        } finally {
            showing.cancel()
            mutableState.update { it.copy(making = maker.state.value) }
        }
        if (maker.state.value.end is EnvironmentEnd.Made) {
            mutableState.value = BannerState(notTaken())
            client.restart()
        }
    }
}
