// Read in intellij-community: platform/execution/src/com/intellij/execution/configurations/LocatableConfiguration.java at fa81465e9d76d9d6fd9403d0a29fdf36001ad6c8.
package com.intellij.execution.configurations;

import org.jetbrains.annotations.Nullable;

public interface LocatableConfiguration extends RunConfiguration {
    boolean isGeneratedName();

    default @Nullable String suggestedName() {
        return null;
    }
}
