package dev.tunesmith.core.environment

import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import java.nio.file.Path

/**
 * How far the way to a runtime is, before there is any project.
 *
 * @property isLooking Whether interpreters are still being looked for.
 * @property found Interpreters that the runtime is for.
 * @property unfit Interpreters that it is not for.
 * @property chosen The one to begin with.
 * @property making The environment that is being made, or how that ended.
 * @property ready The Python that has this runtime.
 */
public data class SetupState(
    val isLooking: Boolean = true,
    val found: List<Interpreter> = emptyList(),
    val unfit: List<Interpreter> = emptyList(),
    val chosen: Interpreter? = null,
    val making: EnvironmentState? = null,
    val ready: Path? = null,
) {
    /** Whether an environment can be made now. */
    public val canMake: Boolean get() = chosen != null && ready == null && (making == null || making.end != null)

    /** Whether one is being made. */
    public val isMaking: Boolean get() = making != null && making.end == null
}

/**
 * Leads to a Python with this runtime: one that is there already, or an environment of the plugin's own, which is made
 * only when the user says so.
 *
 * @param folder Where the plugin's own environment lies, outside of any project.
 * @param path The environment's PATH.
 * @param known Interpreters that the IDE knows.
 */
public class Setup(
    private val wheel: Wheel,
    private val folder: Path,
    private val path: String,
    private val known: List<Path>,
    private val scope: CoroutineScope,
    private val io: CoroutineDispatcher,
) {
    private val runner = ProcessRunner(io)
    private val interpreters = Interpreters(runner, wheel.path.toAbsolutePath().parent)
    private val mutableState = MutableStateFlow(SetupState())
    private var making: Job? = null

    /** How far it is. */
    public val state: StateFlow<SetupState> = mutableState.asStateFlow()

    /** Look for interpreters, and whether one has this runtime. */
    public fun look(): Job = scope.launch {
        mutableState.update { it.copy(isLooking = true) }
        val own = interpreters.ask(Interpreters.of(folder))
        val others = known.mapNotNull { interpreters.ask(it) } + interpreters.find(path)
        val all = (listOfNotNull(own) + others).distinctBy { it.path }
        val ready = all.firstOrNull(::isReady)
        val (found, unfit) = all.filter { it.path != own?.path }.partition { wheel.fits(it.version) }
        val chosen = found.firstOrNull()
        mutableState.update { SetupState(false, found, unfit, chosen, ready = ready?.path) }
    }

    /** Begin with the interpreter at [python]. */
    public fun choose(python: Path): Job = scope.launch {
        mutableState.update { it.copy(isLooking = true) }
        val asked = mutableState.value.found.firstOrNull { it.path == python } ?: interpreters.ask(python)
        mutableState.update { before ->
            val isFit = asked != null && wheel.fits(asked.version)
            before.copy(
                isLooking = false,
                found = if (isFit && asked !in before.found) before.found + asked else before.found,
                unfit = if (asked == null || isFit || asked in before.unfit) before.unfit else before.unfit + asked,
                chosen = if (isFit) asked else before.chosen,
                ready = asked?.takeIf(::isReady)?.path,
            )
        }
    }

    /** Make the plugin's own environment: the user said so. */
    public fun make() {
        val chosen = mutableState.value.takeIf { it.canMake }?.chosen ?: return
        val plan = EnvironmentPlan(chosen.path, wheel.path, folder, Interpreters.onPath("uv", path))
        val maker = EnvironmentMaker(plan, runner, io)
        making = scope.launch {
            val showing = launch { maker.state.collect { now -> mutableState.update { it.copy(making = now) } } }
            try {
                val end = maker.make()
                mutableState.update { it.copy(ready = (end as? EnvironmentEnd.Made)?.python) }
            } finally {
                showing.cancel()
                mutableState.update { it.copy(making = maker.state.value) }
            }
        }
    }

    /** End what is being made; nothing of it is left. */
    public fun cancel() {
        making?.cancel()
    }

    private fun isReady(interpreter: Interpreter) =
        interpreter.runtime == wheel.version && wheel.fits(interpreter.version)
}
