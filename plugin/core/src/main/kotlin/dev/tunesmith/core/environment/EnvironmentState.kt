package dev.tunesmith.core.environment

import dev.tunesmith.core.protocol.Finding
import java.nio.file.Path

/**
 * How far the making of an environment is.
 *
 * @property current What is being done; null before the first step and after the last.
 * @property log Everything that the commands printed, each after the line that started it; very long logs lose their
 *     beginning.
 * @property end How it ended; null while it goes on.
 */
public data class EnvironmentState(
    val steps: List<EnvironmentStep> = emptyList(),
    val current: EnvironmentStep? = null,
    val log: List<String> = emptyList(),
    val end: EnvironmentEnd? = null,
) {
    /** Part of the steps that is done, 0 to 1. */
    public val fraction: Double
        get() = when {
            end is EnvironmentEnd.Made -> 1.0
            current == null || steps.isEmpty() -> 0.0
            else -> steps.indexOf(current).toDouble() / steps.size
        }

    internal fun printed(line: String): EnvironmentState = copy(log = (log + line).takeLast(LONGEST))

    private companion object {
        const val LONGEST = 10_000
    }
}

/** How the making of an environment ended. */
public sealed interface EnvironmentEnd {
    /** [python] has the runtime; [findings] are doctor's, as far as it was asked. */
    public data class Made(val python: Path, val findings: List<Finding>) : EnvironmentEnd

    /** It came to nothing in [step]. [left]: what could not be taken back, see [Left]. */
    public data class Failed(val step: EnvironmentStep, val fault: EnvironmentFault, val left: Left) : EnvironmentEnd

    public data class Cancelled(val left: Left) : EnvironmentEnd
}

/** What is left of an environment that was not finished. */
public sealed interface Left {
    /** Nothing: what was made was removed. */
    public data object Nothing : Left

    /** An interpreter that was there before: packages that were installed before the end stay in it. */
    public data class Packages(val python: Path) : Left

    /** A folder that could not be removed. */
    public data class Folder(val folder: Path) : Left
}

/** Why a step failed; views find the words. */
public sealed interface EnvironmentFault {
    /** A command ended with this exit status; [line] is the last that it printed. */
    public data class Ended(val status: Int, val line: String) : EnvironmentFault

    /** A command could not be started. */
    public data class NotStarted(val message: String) : EnvironmentFault

    /** The interpreter is not one that the runtime is for, as the runtime itself says; [mend] is what helps. */
    public data class WrongPython(val message: String, val mend: String) : EnvironmentFault

    /** There is something in the folder that is not a virtual environment. */
    public data class FolderInUse(val folder: Path) : EnvironmentFault

    /** The runtime is not there although everything was installed. */
    public data object NoRuntime : EnvironmentFault
}
