package dev.tunesmith.core.environment

import java.nio.file.Path

/**
 * The plans that mend what is missing in a project.
 *
 * @property wheel The runtime that the plugin carries.
 * @property folder Where the project's own environment is to be made.
 * @property path The environment's PATH.
 */
public class ProjectPlans(
    private val interpreters: Interpreters,
    private val wheel: Wheel,
    private val folder: Path,
    private val path: String,
) {
    /** What [mend] comes to for a project with the interpreter [python]; null where there is nothing to begin with. */
    public suspend fun plan(mend: Mend, python: Path?): EnvironmentPlan? {
        val uv = Interpreters.onPath("uv", path)
        return when (mend) {
            is Mend.Install -> python?.let { EnvironmentPlan(it, wheel.path, uv = uv, packages = mend.arguments) }
            Mend.InstallRuntime -> python?.let { runtime(it, uv) }
            Mend.MakeEnvironment -> base(python)?.let { EnvironmentPlan(it, wheel.path, folder, uv) }
            Mend.ChooseInterpreter, Mend.Trust, is Mend.Take -> null
        }
    }

    /** An interpreter that other projects may share is not changed: the project gets an environment of its own. */
    private suspend fun runtime(python: Path, uv: Path?): EnvironmentPlan {
        val isShared = interpreters.ask(python)?.isVirtual == false
        return EnvironmentPlan(python, wheel.path, folder.takeIf { isShared }, uv)
    }

    private suspend fun base(python: Path?): Path? {
        val own = python?.let { interpreters.ask(it) }
        return (listOfNotNull(own) + interpreters.find(path)).firstOrNull { wheel.fits(it.version) }?.path
    }
}
