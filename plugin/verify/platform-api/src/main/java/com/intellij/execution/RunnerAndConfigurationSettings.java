// Read in intellij-community: platform/execution/src/com/intellij/execution/RunnerAndConfigurationSettings.java at 15343567cf7809eb623839598d6437db1454e59b.
package com.intellij.execution;

import com.intellij.execution.configurations.RunConfiguration;
import org.jetbrains.annotations.NotNull;

public interface RunnerAndConfigurationSettings {
    @NotNull
    RunConfiguration getConfiguration();
}
