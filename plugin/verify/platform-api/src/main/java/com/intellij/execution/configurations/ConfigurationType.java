// Read in intellij-community: platform/execution/src/com/intellij/execution/configurations/ConfigurationType.java at 1e51e91f3a31729149d31672e78d812c2f9a1957.
package com.intellij.execution.configurations;

import com.intellij.openapi.project.PossiblyDumbAware;
import javax.swing.Icon;
import org.jetbrains.annotations.NotNull;

public interface ConfigurationType extends PossiblyDumbAware {
    @NotNull
    String getDisplayName();

    String getConfigurationTypeDescription();

    Icon getIcon();

    @NotNull
    String getId();

    ConfigurationFactory[] getConfigurationFactories();
}
