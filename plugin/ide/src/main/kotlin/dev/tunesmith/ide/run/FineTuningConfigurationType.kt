package dev.tunesmith.ide.run

import com.intellij.execution.configurations.ConfigurationFactory
import com.intellij.execution.configurations.ConfigurationTypeBase
import com.intellij.execution.configurations.RunConfiguration
import com.intellij.openapi.components.BaseState
import com.intellij.openapi.project.DumbAware
import com.intellij.openapi.project.Project
import dev.tunesmith.ide.Icons
import dev.tunesmith.ide.Messages

/** The run configuration "Fine-tuning". Its ids stand in users' files: they never change. */
internal class FineTuningConfigurationType :
    ConfigurationTypeBase(
        "TunesmithFineTuning",
        Messages.text("configuration.name"),
        Messages.text("configuration.description"),
        Icons.JOB,
    ),
    DumbAware {
    val factory: ConfigurationFactory = Factory(this)

    init {
        addFactory(factory)
    }

    private class Factory(type: FineTuningConfigurationType) : ConfigurationFactory(type) {
        override fun getId(): String = "FineTuning"

        override fun createTemplateConfiguration(project: Project): RunConfiguration =
            FineTuningConfiguration(project, this)

        override fun getOptionsClass(): Class<out BaseState> = FineTuningOptions::class.java

        override fun isEditableInDumbMode(): Boolean = true
    }
}
