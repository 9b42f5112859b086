// Read in intellij-community: platform/platform-api/src/com/intellij/ui/EditorNotifications.java at 06b6f557919e109c8e8682109fa7fe4a0221bdcf.
package com.intellij.ui;

import com.intellij.openapi.project.Project;
import org.jetbrains.annotations.NotNull;

public abstract class EditorNotifications {
    public static @NotNull EditorNotifications getInstance(@NotNull Project project) {
        throw new UnsupportedOperationException();
    }

    public abstract void updateAllNotifications();
}
