// Read in intellij-community: platform/execution/src/com/intellij/execution/configurations/ConfigurationFactory.java at 044aac10808b529210e6773ddf42395553972fea.
package com.intellij.execution.configurations;

import com.intellij.openapi.components.BaseState;
import com.intellij.openapi.project.Project;
import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

public abstract class ConfigurationFactory {
    protected ConfigurationFactory(@NotNull ConfigurationType type) {
        throw new UnsupportedOperationException();
    }

    public abstract @NotNull RunConfiguration createTemplateConfiguration(@NotNull Project project);

    public @NotNull String getId() {
        throw new UnsupportedOperationException();
    }

    public boolean isEditableInDumbMode() {
        throw new UnsupportedOperationException();
    }

    public @Nullable Class<? extends BaseState> getOptionsClass() {
        throw new UnsupportedOperationException();
    }
}
