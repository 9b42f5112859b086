package dev.tunesmith.ide.run

import com.intellij.execution.actions.ConfigurationContext
import com.intellij.execution.actions.LazyRunConfigurationProducer
import com.intellij.execution.configurations.ConfigurationFactory
import com.intellij.execution.configurations.ConfigurationTypeUtil
import com.intellij.openapi.project.DumbAware
import com.intellij.openapi.util.Ref
import com.intellij.psi.PsiElement

/** Makes a run configuration from a right click on a job file. */
internal class JobFileProducer :
    LazyRunConfigurationProducer<FineTuningConfiguration>(),
    DumbAware {
    override fun getConfigurationFactory(): ConfigurationFactory =
        ConfigurationTypeUtil.findConfigurationType(FineTuningConfigurationType::class.java).factory

    override fun setupConfigurationFromContext(
        configuration: FineTuningConfiguration,
        context: ConfigurationContext,
        sourceElement: Ref<PsiElement>,
    ): Boolean {
        val job = job(configuration, context) ?: return false
        configuration.settings = configuration.settings.copy(job = job)
        configuration.setGeneratedName()
        return true
    }

    override fun isConfigurationFromContext(
        configuration: FineTuningConfiguration,
        context: ConfigurationContext,
    ): Boolean = configuration.settings.job == job(configuration, context)

    private fun job(configuration: FineTuningConfiguration, context: ConfigurationContext): String? =
        jobOf(context.location?.virtualFile, configuration.project)
}
