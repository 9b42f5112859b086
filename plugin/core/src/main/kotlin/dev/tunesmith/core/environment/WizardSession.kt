package dev.tunesmith.core.environment

import dev.tunesmith.core.client.ClientState
import dev.tunesmith.core.client.LostReason
import dev.tunesmith.core.client.ServerCommand
import dev.tunesmith.core.client.ServerNotLocated
import dev.tunesmith.core.client.TunesmithClient
import dev.tunesmith.core.wizard.ServerBackend
import dev.tunesmith.core.wizard.Wizard
import dev.tunesmith.core.wizard.WizardEvent
import dev.tunesmith.core.wizard.WizardState
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import java.nio.file.Path
import kotlin.io.path.createDirectories

/**
 * The wizard with what it needs before it.
 *
 * @property wizard Null until there is a Python with the runtime.
 * @property python That Python.
 * @property lost Why the wizard's server is lost, as long as it is; it is started again by itself where that may help.
 */
public data class SessionState(
    val setup: SetupState = SetupState(),
    val wizard: WizardState? = null,
    val python: Path? = null,
    val lost: ClientState.Lost? = null,
)

/**
 * One pass through the wizard, before there is a project: finds or makes a Python with the runtime, runs a server in
 * the plugin's own folder, and lets the wizard ask it. Everything ends with [scope].
 *
 * @param cache The plugin's own folder, outside of any project.
 * @param path The environment's PATH.
 * @param known Interpreters that the IDE knows.
 */
public class WizardSession(
    wheel: Wheel,
    private val cache: Path,
    path: String,
    known: List<Path>,
    private val scope: CoroutineScope,
    private val io: CoroutineDispatcher,
) {
    private val mutableState = MutableStateFlow(SessionState())

    /** The way to a Python with the runtime. */
    public val setup: Setup = Setup(wheel, cache.resolve("python"), path, known, scope, io)

    /** How it stands, an immutable snapshot. */
    public val state: StateFlow<SessionState> = mutableState.asStateFlow()

    private var wizard: Wizard? = null

    /** Begin: [events] happen as soon as there is a wizard, such as the choice of a folder. */
    public fun start(events: List<WizardEvent> = emptyList()): Job = scope.launch {
        launch { setup.state.collect { now -> mutableState.update { it.copy(setup = now) } } }
        setup.look()
        val python = setup.state.first { it.ready != null }.ready ?: return@launch
        val client = TunesmithClient({ locate(python) }, scope, io)
        launch { client.state.collect { now -> mutableState.update { it.copy(lost = now as? ClientState.Lost) } } }
        client.start()
        val begun = Wizard(ServerBackend(client), scope)
        wizard = begun
        events.forEach(begun::send)
        begun.state.collect { now -> mutableState.update { it.copy(wizard = now, python = python) } }
    }

    /** What the user does in the wizard. */
    public fun send(event: WizardEvent) {
        wizard?.send(event)
    }

    private suspend fun locate(python: Path): ServerCommand = try {
        withContext(io) { cache.createDirectories() }
        ServerCommand.of(python, cache)
    } catch (failure: java.io.IOException) {
        throw ServerNotLocated(LostReason.NotStarted(failure.message.orEmpty()))
    }
}
