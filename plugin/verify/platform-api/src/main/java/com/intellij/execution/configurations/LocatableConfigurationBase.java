// Read in intellij-community: platform/execution/src/com/intellij/execution/configurations/LocatableConfigurationBase.java at 1e51e91f3a31729149d31672e78d812c2f9a1957.
package com.intellij.execution.configurations;

import com.intellij.openapi.project.Project;
import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

public abstract class LocatableConfigurationBase<T> extends RunConfigurationBase<T> implements LocatableConfiguration {
    protected LocatableConfigurationBase(
        @NotNull Project project,
        @NotNull ConfigurationFactory factory,
        @Nullable String name
    ) {
        super(project, factory, name);
    }

    @Override
    protected @NotNull LocatableRunConfigurationOptions getOptions() {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isGeneratedName() {
        throw new UnsupportedOperationException();
    }

    public void setGeneratedName() {
        throw new UnsupportedOperationException();
    }
}
