package dev.tunesmith.core.debug

import dev.tunesmith.core.launch.RunSettings
import java.nio.file.Path

/**
 * A Python program for the IDE's debugger.
 *
 * @property module What `python -m` runs.
 * @property arguments What it is given; see [parameters].
 * @property environment What its environment has beyond the IDE's.
 * @property folder The project's folder: where it runs.
 */
public data class DebugProgram(
    val module: String,
    val arguments: List<String>,
    val environment: Map<String, String>,
    val folder: Path,
) {
    /** The arguments as the IDE keeps them: in one line. */
    val parameters: String get() = ParameterLine.join(arguments)

    public companion object {
        private const val RUNTIME = "tunesmith"

        /** For the same numbers as a run of its own, and for text that comes at once, as UTF-8. */
        private val SAME_NUMBERS = mapOf("PYTHONHASHSEED" to "0")
        private val PYTHON =
            mapOf("CUBLAS_WORKSPACE_CONFIG" to ":4096:8", "PYTHONUNBUFFERED" to "1", "PYTHONUTF8" to "1")

        /**
         * A run of [settings], in one process.
         *
         * @param newest As [RunSettings.params] wants it.
         */
        public fun run(settings: RunSettings, folder: Path, newest: String? = null): DebugProgram {
            val params = settings.params(newest)
            val from = params.startFrom?.let { it.run + (it.step?.let { step -> ":$step" } ?: "") }
            val arguments = buildList {
                add("run")
                add(settings.job)
                add("--in-process")
                add("--project=$folder")
                params.overrides.forEach { add("--set=$it") }
                params.name?.let { add("--name=$it") }
                from?.let { add("--from=$it") }
                settings.breaks.forEach { add("--break-on=$it") }
            }
            return DebugProgram(RUNTIME, arguments, PYTHON + params.environment + SAME_NUMBERS, folder)
        }

        /** One step of a run, rebuilt exactly; it stops there before the update. [run] is an id. */
        public fun replay(run: String, step: Long, folder: Path): DebugProgram {
            val arguments = listOf("replay", run, "--project=$folder", "--step=$step", "--break")
            return DebugProgram(RUNTIME, arguments, PYTHON + SAME_NUMBERS, folder)
        }
    }
}
