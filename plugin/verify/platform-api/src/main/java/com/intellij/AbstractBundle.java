// Read in intellij-community: platform/util/src/com/intellij/AbstractBundle.java at 1061800ae61bd8b9897a64f63f3ebbcf17189b64.
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
