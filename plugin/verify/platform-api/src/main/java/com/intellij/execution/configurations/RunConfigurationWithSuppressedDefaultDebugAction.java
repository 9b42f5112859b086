// Read in intellij-community: platform/execution/src/com/intellij/execution/configurations/RunConfigurationWithSuppressedDefaultDebugAction.java at 92220a0e67d8a0e4640d0cf7abca2ba08d1071b8.
package com.intellij.execution.configurations;

public interface RunConfigurationWithSuppressedDefaultDebugAction {
}
