// Read in intellij-community: platform/util/src/com/intellij/openapi/util/Disposer.java at 6cb854a2c8ff8a5fb330c517fbbe45a25a8f9ccb.
package com.intellij.openapi.util;

import com.intellij.openapi.Disposable;
import org.jetbrains.annotations.NotNull;

public final class Disposer {
    private Disposer() {
    }

    public static void register(@NotNull Disposable parent, @NotNull Disposable child) {
        throw new UnsupportedOperationException();
    }
}
