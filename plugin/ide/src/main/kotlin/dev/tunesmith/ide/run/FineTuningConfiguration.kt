package dev.tunesmith.ide.run

import com.intellij.execution.Executor
import com.intellij.execution.configurations.ConfigurationFactory
import com.intellij.execution.configurations.LocatableConfigurationBase
import com.intellij.execution.configurations.RunConfiguration
import com.intellij.execution.configurations.RunConfigurationWithSuppressedDefaultDebugAction
import com.intellij.execution.configurations.RunProfileState
import com.intellij.execution.configurations.RuntimeConfigurationError
import com.intellij.execution.runners.ExecutionEnvironment
import com.intellij.openapi.options.SettingsEditor
import com.intellij.openapi.project.Project
import dev.tunesmith.core.launch.RunSettings
import dev.tunesmith.core.launch.RunSettingsFault
import dev.tunesmith.ide.Messages
import dev.tunesmith.ide.service.KnownKeys

/** A job with what is changed about it for a run. */
internal class FineTuningConfiguration(project: Project, factory: ConfigurationFactory) :
    LocatableConfigurationBase<FineTuningOptions>(project, factory, null),
    RunConfigurationWithSuppressedDefaultDebugAction {
    var settings: RunSettings
        get() = options.settings
        set(value) {
            options.settings = value
        }

    override fun getOptions(): FineTuningOptions = super.getOptions() as FineTuningOptions

    override fun getConfigurationEditor(): SettingsEditor<out RunConfiguration> = FineTuningEditor(project)

    override fun suggestedName(): String? = RunSettings.suggestedName(settings.job)

    override fun checkConfiguration() {
        val fault = settings.faults(KnownKeys.now()).firstOrNull() ?: return
        throw RuntimeConfigurationError(words(fault))
    }

    override fun getState(executor: Executor, environment: ExecutionEnvironment): RunProfileState =
        FineTuningRunState(environment.project) { it.process(settings) }

    private fun unknown(fault: RunSettingsFault.UnknownKey): String {
        val nearest = fault.nearest ?: return Messages.text("fault.unknown-key", fault.key)
        return Messages.text("fault.unknown-key.nearest", fault.key, nearest)
    }

    private fun words(fault: RunSettingsFault) = when (fault) {
        RunSettingsFault.NoJob -> Messages.text("fault.no-job")
        is RunSettingsFault.NotAJob -> Messages.text("fault.not-a-job", fault.job)
        is RunSettingsFault.NotAnOverride -> Messages.text("fault.not-an-override", fault.line)
        is RunSettingsFault.UnknownKey -> unknown(fault)
        is RunSettingsFault.GivenTwice -> Messages.text("fault.given-twice", fault.key)
        RunSettingsFault.NoRun -> Messages.text("fault.no-run")
        is RunSettingsFault.NotAStep -> Messages.text("fault.not-a-step", fault.step)
        is RunSettingsFault.NotAVariable -> Messages.text("fault.not-a-variable", fault.line)
        is RunSettingsFault.NotABreak -> Messages.text("fault.not-a-break", fault.line)
    }
}
