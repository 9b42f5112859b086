package dev.tunesmith.core.client

import dev.tunesmith.core.protocol.ClientOptions
import dev.tunesmith.core.protocol.Methods
import dev.tunesmith.core.protocol.QueueParams
import dev.tunesmith.core.protocol.RequestMethod
import dev.tunesmith.core.protocol.SubscribeParams
import dev.tunesmith.core.protocol.Subscribed
import dev.tunesmith.core.protocol.UnsubscribeParams
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.async
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.MutableSharedFlow
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.SharedFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asSharedFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.launch
import kotlinx.coroutines.selects.select
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeoutOrNull
import java.io.IOException
import java.time.Clock
import kotlin.time.Duration
import kotlin.time.TimeSource

/**
 * A server that is kept alive, and all that one can ask it.
 *
 * A server that ends, hangs or talks nonsense is ended and started again, each time after a longer wait; then the same
 * subscriptions begin where they broke off. [state] says how things stand, with the last lines that the server printed.
 *
 * @param io Where starting a process may block.
 */
public class TunesmithClient(
    private val locator: ServerLocator,
    private val scope: CoroutineScope,
    private val io: CoroutineDispatcher,
    private val limits: Limits = Limits(),
    private val backoff: Backoff = Backoff(),
    private val clock: Clock = Clock.systemUTC(),
) {
    private val mutableState = MutableStateFlow<ClientState>(ClientState.Connecting)
    private val mutableEvents = MutableSharedFlow<ServerEvent>()
    private val wakeUp = Channel<Unit>(Channel.CONFLATED)
    private val subscriptions = Subscriptions()
    private val restarts = Channel<Unit>(Channel.CONFLATED)

    @Volatile
    private var connection: Connection? = null

    @Volatile
    private var located: ServerCommand? = null

    /** How things stand. */
    public val state: StateFlow<ClientState> = mutableState.asStateFlow()

    /** What comes from the server by itself. Collectors see all of it, in order; a slow one slows the server down. */
    public val events: SharedFlow<ServerEvent> = mutableEvents.asSharedFlow()

    /** Start the server and keep it alive until [scope] ends or the returned job is cancelled. */
    public fun start(): Job = scope.launch {
        while (true) {
            mutableState.value = ClientState.Connecting
            restarts.tryReceive()
            val begun = TimeSource.Monotonic.markNow()
            val (reason, log) = live()
            if (reason is LostReason.Closed) continue
            val wait = if (reason.passing) backoff.after(begun.elapsedNow()) else null
            mutableState.value = ClientState.Lost(clock.instant(), reason, log, wait)
            if (wait == null) wakeUp.receive() else withTimeoutOrNull(wait) { wakeUp.receive() }
        }
    }

    /** Start the server now, without waiting any longer. */
    public fun retry() {
        backoff.reset()
        wakeUp.trySend(Unit)
    }

    /** End the server, if there is one, and start it with what the locator says now. */
    public fun restart() {
        restarts.trySend(Unit)
        retry()
    }

    /**
     * Start another server if the locator names another one by now, such as of a new interpreter; whether it does.
     * What the server is told in the handshake does not count.
     */
    public suspend fun relocate(): Boolean {
        val now = locate()?.copy(options = ClientOptions())
        if (now == located?.copy(options = ClientOptions())) return false
        restart()
        return true
    }

    private suspend fun locate(): ServerCommand? = try {
        locator.locate()
    } catch (_: ServerNotLocated) {
        null
    }

    /**
     * Ask the server. Waits for one that is just starting.
     *
     * @param progress Called from a thread of the connection.
     * @throws RequestFailure where there is no answer.
     */
    public suspend fun <P : Any, R : Any> request(
        method: RequestMethod<P, R>,
        params: P,
        limit: Duration = if (method.slow) limits.slowAnswer else limits.answer,
        progress: ((Progress) -> Unit)? = null,
    ): R = ready().request(method.name, params, method.result, limit, progress)

    /**
     * Hear of a run from now on, on this server and on those that follow it.
     *
     * @param who Whoever wants it: several may want different things of one run.
     * @param wish `run` must be an id.
     */
    public suspend fun subscribe(who: Any, wish: SubscribeParams): Subscribed {
        try {
            return request(Methods.subscribe, subscriptions.add(who, wish)).also(subscriptions::began)
        } catch (failure: RequestFailure) {
            subscriptions.remove(who, wish.run)
            throw failure
        }
    }

    /** [who] wants to hear no more of [run], an id. */
    public suspend fun unsubscribe(who: Any, run: String) {
        val left = subscriptions.remove(who, run)
        if (left == null) request(Methods.unsubscribe, UnsubscribeParams(run)) else request(Methods.subscribe, left)
    }

    /** [unsubscribe] on whichever server there is; of a run that is no longer there nothing more is heard anyway. */
    public suspend fun leave(who: Any, run: String) {
        try {
            persistently { unsubscribe(who, run) }
        } catch (_: RequestRefused) {
            return
        }
    }

    /** [ask] again on the next server wherever this one is lost or silent. A refusal is an answer: it is thrown. */
    public suspend fun <T> persistently(ask: suspend () -> T): T {
        while (true) {
            try {
                return ask()
            } catch (refused: RequestRefused) {
                throw refused
            } catch (_: RequestFailure) {
                state.first { it is ClientState.Ready }
            }
        }
    }

    private suspend fun ready(): Connection {
        val state = withTimeoutOrNull(limits.handshake) { state.first { it !is ClientState.Connecting } }
        return when (state) {
            null -> throw RequestTimedOut("initialize", limits.handshake)
            is ClientState.Lost -> throw ServerLost(state.reason, state.log)
            else -> connection ?: throw ServerLost(LostReason.Closed)
        }
    }

    /** One server's life: why it ended, and the end of what it printed. */
    private suspend fun live(): Pair<LostReason, List<String>> {
        val command: ServerCommand
        val server = try {
            located = null
            command = locator.locate().also { located = it }
            withContext(NonCancellable + io) { ServerProcess.start(command) }
        } catch (failure: ServerNotLocated) {
            return failure.reason to emptyList()
        } catch (failure: IOException) {
            return LostReason.NotStarted(failure.message.orEmpty()) to emptyList()
        }
        val opened = Connection(server.output, server.input, noise = server.log::add)
        var reason: LostReason = LostReason.Closed
        try {
            opened.open()
            reason = firstOf({ died(opened, server) }, { served(opened, command) }, { asked() })
        } finally {
            connection = null
            mutableState.value = ClientState.Connecting // no longer ready, though the last words are still to be read
            if (reason !is LostReason.Closed) server.kill()
            opened.abandon(reason)
            withContext(NonCancellable) { server.end(limits.farewell) }
        }
        return reason to server.log.snapshot()
    }

    /** The user wants another server. */
    private suspend fun asked(): LostReason {
        restarts.receive()
        return LostReason.Closed
    }

    /** The server's streams or its process ended. */
    private suspend fun died(opened: Connection, server: ServerProcess): LostReason {
        val broken = firstOf(
            { opened.ended() },
            // A child that it left behind may hold the stream open: then the process' end must do.
            { server.status().let { withTimeoutOrNull(limits.farewell) { opened.ended() } } },
        )
        if (broken is NotTheProtocol) return LostReason.Nonsense(broken.sample)
        return LostReason.Exited(server.end(limits.farewell))
    }

    /** Talk to the server until it does not answer any more. */
    private suspend fun served(opened: Connection, command: ServerCommand): LostReason = coroutineScope {
        val pump = launch { for (message in opened.incoming) forward(message.params) }
        val reason = try {
            greet(opened, command)
            watch(opened)
        } catch (failed: HandshakeFailed) {
            failed.reason
        } catch (silent: RequestTimedOut) {
            LostReason.Hung(silent.limit)
        } catch (_: ServerBusy) {
            LostReason.Deaf
        }
        pump.cancel()
        reason
    }

    private suspend fun greet(opened: Connection, command: ServerCommand) {
        val server = Handshake(command).with(opened, limits.handshake)
        mutableEvents.emit(ServerEvent.Connected(server))
        for (params in subscriptions.again()) {
            try {
                val begins = subscribe(opened, params)
                subscriptions.beganAgain(begins)?.let { subscribe(opened, it) }
            } catch (_: RequestRefused) {
                subscriptions.forget(params.run) // the run is no longer there
            }
        }
        connection = opened
        mutableState.value = ClientState.Ready(server)
    }

    private suspend fun subscribe(opened: Connection, params: SubscribeParams): Subscribed =
        opened.request(Methods.subscribe.name, params, Methods.subscribe.result, limits.answer)

    private suspend fun watch(opened: Connection): Nothing {
        while (true) {
            delay(limits.pulse)
            try {
                opened.ask(Methods.queue.name, QueueParams(), limits.silence)
            } catch (_: RequestRefused) {
                continue // a refusal is a sign of life too
            }
        }
    }

    /** What is noted as seen comes to all who listen, also where the server ends meanwhile: no other tells it again. */
    private suspend fun forward(params: Any?) {
        val event = ServerEvent.of(params) ?: return
        withContext(NonCancellable) {
            subscriptions.note(event)
            mutableEvents.emit(event)
        }
    }

    private suspend fun <T> firstOf(vararg races: suspend () -> T): T = coroutineScope {
        val racers = races.map { async { it() } }
        select { racers.forEach { racer -> racer.onAwait { it } } }.also { racers.forEach { it.cancel() } }
    }
}
