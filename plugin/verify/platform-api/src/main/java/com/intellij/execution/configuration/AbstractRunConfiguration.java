// Read in intellij-community: platform/execution/src/com/intellij/execution/configuration/AbstractRunConfiguration.java at cf1760dceb76626042229a54cd6db1c8002c448a.
package com.intellij.execution.configuration;

import com.intellij.execution.configurations.ConfigurationFactory;
import com.intellij.execution.configurations.LocatableConfigurationBase;
import com.intellij.openapi.project.Project;
import java.util.Map;
import org.jetbrains.annotations.NotNull;

/** In the platform, a class for configurations with a module stands between this one and its parent here. */
public abstract class AbstractRunConfiguration extends LocatableConfigurationBase<Object> {
    public AbstractRunConfiguration(@NotNull Project project, @NotNull ConfigurationFactory factory) {
        super(project, factory, null);
    }

    public void setEnvs(@NotNull Map<String, String> envs) {
        throw new UnsupportedOperationException();
    }
}
