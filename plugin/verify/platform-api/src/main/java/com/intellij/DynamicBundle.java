package com.intellij;

import org.jetbrains.annotations.NotNull;

public class DynamicBundle extends AbstractBundle {
    public DynamicBundle(@NotNull Class<?> bundleClass, @NotNull String pathToBundle) {
        super(bundleClass, pathToBundle);
    }
}
