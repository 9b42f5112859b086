// Read in intellij-community: platform/execution/src/com/intellij/execution/configurations/RunConfigurationOptions.kt at 06b6f557919e109c8e8682109fa7fe4a0221bdcf.
package com.intellij.execution.configurations

import com.intellij.openapi.components.BaseState

open class RunConfigurationOptions : BaseState()

open class LocatableRunConfigurationOptions : RunConfigurationOptions()
