// Read in intellij-community: platform/execution/src/com/intellij/execution/RunManager.kt at 0d756ce25492936f431ce64650c9fff6046a34f0.
package com.intellij.execution

import com.intellij.execution.configurations.ConfigurationFactory
import com.intellij.openapi.project.Project

abstract class RunManager {
    abstract val allSettings: List<RunnerAndConfigurationSettings>

    abstract var selectedConfiguration: RunnerAndConfigurationSettings?

    abstract fun createConfiguration(name: String, factory: ConfigurationFactory): RunnerAndConfigurationSettings

    abstract fun addConfiguration(settings: RunnerAndConfigurationSettings)

    abstract fun setTemporaryConfiguration(tempConfiguration: RunnerAndConfigurationSettings?)

    fun setUniqueNameIfNeeded(settings: RunnerAndConfigurationSettings): Boolean = throw UnsupportedOperationException()

    companion object {
        @JvmStatic
        fun getInstance(project: Project): RunManager = throw UnsupportedOperationException()
    }
}
