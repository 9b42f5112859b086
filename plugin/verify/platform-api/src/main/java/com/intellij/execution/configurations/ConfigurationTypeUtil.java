// Read in intellij-community: platform/execution/src/com/intellij/execution/configurations/ConfigurationTypeUtil.kt at fa81465e9d76d9d6fd9403d0a29fdf36001ad6c8.
package com.intellij.execution.configurations;

import org.jetbrains.annotations.NotNull;

public final class ConfigurationTypeUtil {
    private ConfigurationTypeUtil() {
    }

    public static <T extends ConfigurationType> @NotNull T findConfigurationType(@NotNull Class<T> type) {
        throw new UnsupportedOperationException();
    }
}
