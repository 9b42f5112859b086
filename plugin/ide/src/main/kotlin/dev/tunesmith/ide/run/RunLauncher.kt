package dev.tunesmith.ide.run

import com.intellij.execution.ProgramRunnerUtil
import com.intellij.execution.RunManager
import com.intellij.execution.RunnerAndConfigurationSettings
import com.intellij.execution.configurations.ConfigurationTypeUtil
import com.intellij.execution.executors.DefaultRunExecutor
import com.intellij.openapi.project.Project
import dev.tunesmith.core.launch.RunSettings

/** Fills a run configuration and runs it. */
internal class RunLauncher(private val project: Project) {
    private val manager = RunManager.getInstance(project)

    /** Run [settings], by a configuration that says the same if there is one. On the UI thread. */
    fun run(settings: RunSettings) {
        execute(manager.allSettings.firstOrNull { settings(it) == settings } ?: made(settings))
    }

    /**
     * Run [job], as configurations keep it: by the one that is selected if it is for this job, else by any that is, else
     * by a new one. On the UI thread.
     */
    fun runJob(job: String) {
        val known = listOfNotNull(manager.selectedConfiguration) + manager.allSettings
        execute(known.firstOrNull { settings(it)?.job == job } ?: made(RunSettings(job = job)))
    }

    private fun execute(chosen: RunnerAndConfigurationSettings) {
        manager.selectedConfiguration = chosen
        ProgramRunnerUtil.executeConfiguration(chosen, DefaultRunExecutor.getRunExecutorInstance())
    }

    private fun made(settings: RunSettings): RunnerAndConfigurationSettings {
        val type = ConfigurationTypeUtil.findConfigurationType(FineTuningConfigurationType::class.java)
        val name = settings.name.ifEmpty { RunSettings.suggestedName(settings.job).orEmpty() }
        val made = manager.createConfiguration(name, type.factory)
        (made.configuration as FineTuningConfiguration).settings = settings
        manager.setUniqueNameIfNeeded(made)
        manager.setTemporaryConfiguration(made)
        return made
    }

    private fun settings(saved: RunnerAndConfigurationSettings) =
        (saved.configuration as? FineTuningConfiguration)?.settings
}
