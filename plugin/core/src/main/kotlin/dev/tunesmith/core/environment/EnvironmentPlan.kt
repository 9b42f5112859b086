package dev.tunesmith.core.environment

import dev.tunesmith.core.client.PythonCommand
import java.nio.file.Path

/** What is done, in this order; a plan leaves out what it does not need. */
public enum class EnvironmentStep {
    /** Ask the wheel which torch fits this machine. */
    LOOK,

    /** Make the virtual environment. */
    VENV,

    /** Install torch, in the build that fits the driver. */
    TORCH,

    /** Install what doctor has named. */
    PACKAGES,

    /** Install the runtime with what it needs. */
    RUNTIME,

    /** Ask the result whether all is well. */
    CHECK,
}

/**
 * An environment to be made, or an interpreter to be completed.
 *
 * @property base The Python to begin with.
 * @property wheel The runtime.
 * @property folder Where the new environment is to be; null puts the runtime into [base] itself.
 * @property uv The program uv, where there is one: it installs many times faster than pip.
 * @property dependencies Whether to install torch and the other packages too; without, they must be there.
 * @property packages What follows `pip install` where doctor has said it; then nothing else is done.
 */
public data class EnvironmentPlan(
    val base: Path,
    val wheel: Path,
    val folder: Path? = null,
    val uv: Path? = null,
    val dependencies: Boolean = true,
    val packages: List<String>? = null,
) {
    /** The Python that will have the runtime. */
    public val python: Path get() = folder?.let(Interpreters::of) ?: base

    /** What is to be done, in order. */
    public val steps: List<EnvironmentStep>
        get() = when {
            packages != null -> listOf(EnvironmentStep.PACKAGES, EnvironmentStep.CHECK)

            else -> (EnvironmentStep.entries - EnvironmentStep.PACKAGES).filter { step ->
                when (step) {
                    EnvironmentStep.VENV -> folder != null
                    EnvironmentStep.TORCH -> dependencies
                    else -> true
                }
            }
        }

    internal fun look(): List<String> = PythonCommand.module(base, "tunesmith.env.install")

    internal fun venv(target: Path, anew: Boolean): List<String> {
        val clear = if (anew) listOf("--clear") else emptyList()
        val begin = if (uv == null) {
            PythonCommand.module(base, "venv")
        } else {
            listOf(uv.toString(), "venv", "--seed", "--python", base.toString())
        }
        return begin + clear + target.toString()
    }

    /** @param arguments What follows `pip install`. */
    internal fun install(arguments: List<String>): List<String> {
        val begin = if (uv == null) {
            PythonCommand.module(python, "pip", "install")
        } else {
            listOf(uv.toString(), "pip", "install", "--python", python.toString())
        }
        return begin + arguments
    }

    internal fun pip(): List<String> = PythonCommand.module(python, "ensurepip", "--upgrade")

    internal fun check(): List<String> = PythonCommand.module(python, "tunesmith", "doctor", "--json")
}
