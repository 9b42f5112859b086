// Read in intellij-community: platform/projectModel-api/src/com/intellij/openapi/components/PersistentStateComponent.java at 41cee1421f771f743cfc8f21d0e1acb0eb945327.
package com.intellij.openapi.components;

import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

public interface PersistentStateComponent<T> {
    @Nullable
    T getState();

    void loadState(@NotNull T state);
}
