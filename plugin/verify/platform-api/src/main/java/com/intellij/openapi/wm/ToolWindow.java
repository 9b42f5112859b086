// Read in intellij-community: platform/platform-api/src/com/intellij/openapi/wm/ToolWindow.java at 28fd4c402475889b52a6ec9972dd0e8850cce5e9.
package com.intellij.openapi.wm;

import com.intellij.ui.content.ContentManager;
import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

public interface ToolWindow {
    @NotNull
    ContentManager getContentManager();

    void activate(@Nullable Runnable runnable);
}
