// Read in intellij-community: platform/execution/src/com/intellij/execution/configurations/runConfigurationType.kt at e0c8134e508a09d60843d7f20f23ece0ef1146e5.
package com.intellij.execution.configurations

import javax.swing.Icon

abstract class ConfigurationTypeBase(
    private val id: String,
    private val displayName: String,
    description: String?,
    icon: Icon?,
) : ConfigurationType {
    protected fun addFactory(factory: ConfigurationFactory): Unit = throw UnsupportedOperationException()

    override fun getDisplayName(): String = throw UnsupportedOperationException()

    final override fun getConfigurationTypeDescription(): String = throw UnsupportedOperationException()

    override fun getIcon(): Icon? = throw UnsupportedOperationException()

    final override fun getId(): String = throw UnsupportedOperationException()

    override fun getConfigurationFactories(): Array<ConfigurationFactory> = throw UnsupportedOperationException()
}
