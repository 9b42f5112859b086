// Read in intellij-community: platform/execution/src/com/intellij/execution/configurations/RunConfigurationBase.java at 15343567cf7809eb623839598d6437db1454e59b.
package com.intellij.execution.configurations;

import com.intellij.openapi.project.Project;
import com.intellij.openapi.util.UserDataHolderBase;
import javax.swing.Icon;
import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

public abstract class RunConfigurationBase<T> extends UserDataHolderBase implements RunConfiguration {
    protected RunConfigurationBase(
        @NotNull Project project,
        @Nullable ConfigurationFactory factory,
        @Nullable String name
    ) {
        throw new UnsupportedOperationException();
    }

    protected @NotNull RunConfigurationOptions getOptions() {
        throw new UnsupportedOperationException();
    }

    @Override
    public final void setName(String name) {
        throw new UnsupportedOperationException();
    }

    @Override
    public final @NotNull Project getProject() {
        throw new UnsupportedOperationException();
    }

    @Override
    public @Nullable Icon getIcon() {
        throw new UnsupportedOperationException();
    }

    @Override
    public final @NotNull String getName() {
        throw new UnsupportedOperationException();
    }

    @Override
    public RunConfiguration clone() {
        throw new UnsupportedOperationException();
    }
}
