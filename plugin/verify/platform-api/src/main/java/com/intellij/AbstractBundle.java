package com.intellij;

import org.jetbrains.annotations.NotNull;

public class AbstractBundle {
    public AbstractBundle(@NotNull Class<?> bundleClass, @NotNull String pathToBundle) {
        throw new UnsupportedOperationException();
    }

    public @NotNull String getMessage(@NotNull String key, Object... params) {
        throw new UnsupportedOperationException();
    }
}
