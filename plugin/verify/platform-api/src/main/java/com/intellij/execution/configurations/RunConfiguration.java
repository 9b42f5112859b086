// Read in intellij-community: platform/execution/src/com/intellij/execution/configurations/RunConfiguration.java at 0d756ce25492936f431ce64650c9fff6046a34f0.
package com.intellij.execution.configurations;

import com.intellij.execution.BeforeRunTask;
import com.intellij.openapi.options.SettingsEditor;
import com.intellij.openapi.project.Project;
import java.util.List;
import org.jetbrains.annotations.NotNull;

public interface RunConfiguration extends RunProfile, Cloneable {
    void setName(String name);

    @NotNull
    SettingsEditor<? extends RunConfiguration> getConfigurationEditor();

    Project getProject();

    RunConfiguration clone();

    default void checkConfiguration() throws RuntimeConfigurationException {
    }

    default @NotNull List<BeforeRunTask<?>> getBeforeRunTasks() {
        throw new UnsupportedOperationException();
    }

    default void setBeforeRunTasks(@NotNull List<BeforeRunTask<?>> value) {
        throw new UnsupportedOperationException();
    }
}
