// Read in intellij-community: platform/editor-ui-api/src/com/intellij/openapi/actionSystem/AnActionEvent.java at 03461c332d44e2d916491e7dc3a10ed22d195619.
package com.intellij.openapi.actionSystem;

import com.intellij.openapi.project.Project;
import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

public class AnActionEvent {
    private AnActionEvent() {
    }

    public final @Nullable Project getProject() {
        throw new UnsupportedOperationException();
    }

    public final @Nullable <T> T getData(@NotNull DataKey<T> key) {
        throw new UnsupportedOperationException();
    }

    public final @NotNull Presentation getPresentation() {
        throw new UnsupportedOperationException();
    }
}
