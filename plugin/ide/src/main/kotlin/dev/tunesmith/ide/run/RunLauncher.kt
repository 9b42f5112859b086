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
    /** Run [settings], by a configuration that says the same if there is one. On the UI thread. */
    fun run(settings: RunSettings) {
        val chosen = configuration(settings)
        RunManager.getInstance(project).selectedConfiguration = chosen
        ProgramRunnerUtil.executeConfiguration(chosen, DefaultRunExecutor.getRunExecutorInstance())
    }

    private fun configuration(settings: RunSettings): RunnerAndConfigurationSettings {
        val manager = RunManager.getInstance(project)
        manager.allSettings.firstOrNull { settings(it) == settings }?.let { return it }
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
