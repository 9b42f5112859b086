// Read in intellij-community: platform/lang-api/src/com/intellij/execution/actions/RunConfigurationProducer.java at 02f95454805b98550a9a28bdaa677ad18d74f399.
package com.intellij.execution.actions;

import com.intellij.execution.configurations.ConfigurationFactory;
import com.intellij.execution.configurations.RunConfiguration;
import com.intellij.openapi.util.Ref;
import com.intellij.psi.PsiElement;
import org.jetbrains.annotations.NotNull;

public abstract class RunConfigurationProducer<T extends RunConfiguration> {
    protected RunConfigurationProducer(ConfigurationFactory configurationFactory) {
        throw new UnsupportedOperationException();
    }

    public @NotNull ConfigurationFactory getConfigurationFactory() {
        throw new UnsupportedOperationException();
    }

    protected abstract boolean setupConfigurationFromContext(
        @NotNull T configuration,
        @NotNull ConfigurationContext context,
        @NotNull Ref<PsiElement> sourceElement
    );

    public abstract boolean isConfigurationFromContext(
        @NotNull T configuration,
        @NotNull ConfigurationContext context
    );
}
