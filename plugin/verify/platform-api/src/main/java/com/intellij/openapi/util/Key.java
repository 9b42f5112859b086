// Read in intellij-community: platform/util/src/com/intellij/openapi/util/Key.java at 41cee1421f771f743cfc8f21d0e1acb0eb945327.
package com.intellij.openapi.util;

import org.jetbrains.annotations.NotNull;

public class Key<T> {
    public Key(@NotNull String name) {
    }
}
