package dev.tunesmith.ide.run

import com.intellij.execution.configurations.LocatableRunConfigurationOptions
import dev.tunesmith.core.launch.RunSettings
import dev.tunesmith.core.launch.StartFrom

/** What of a run configuration is kept in the project. The names stand in users' files: they never change. */
internal class FineTuningOptions : LocatableRunConfigurationOptions() {
    var job by string()
    var runName by string()
    var overrides by string()
    var device by string()
    var startFrom by string()
    var fromRun by string()
    var fromStep by string()
    var environment by string()
    var breakOn by string()

    var settings: RunSettings
        get() = RunSettings(
            job = job.orEmpty(),
            name = runName.orEmpty(),
            overrides = overrides.orEmpty(),
            device = device.orEmpty(),
            from = StartFrom.entries.firstOrNull { it.name == startFrom } ?: StartFrom.SCRATCH,
            run = fromRun.orEmpty(),
            step = fromStep.orEmpty(),
            environment = environment.orEmpty(),
            breakOn = breakOn.orEmpty(),
        )
        set(value) {
            job = value.job
            runName = value.name
            overrides = value.overrides
            device = value.device
            startFrom = value.from.name
            fromRun = value.run
            fromStep = value.step
            environment = value.environment
            breakOn = value.breakOn
        }
}
