// Read in intellij-community: platform/lang-api/src/com/intellij/execution/actions/LazyRunConfigurationProducer.kt at 0b174b30feae42a82367d1787c52914df4fbdcc2.
package com.intellij.execution.actions

import com.intellij.execution.configurations.ConfigurationFactory
import com.intellij.execution.configurations.RunConfiguration

abstract class LazyRunConfigurationProducer<T : RunConfiguration> : RunConfigurationProducer<T>(null) {
    abstract override fun getConfigurationFactory(): ConfigurationFactory
}
