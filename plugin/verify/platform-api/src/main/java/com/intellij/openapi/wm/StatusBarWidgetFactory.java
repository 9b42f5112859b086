// Read in intellij-community: platform/platform-api/src/com/intellij/openapi/wm/StatusBarWidgetFactory.java at d26680106cb08ecb08c82bf0467885bac12f48e2.
package com.intellij.openapi.wm;

import com.intellij.openapi.project.Project;
import org.jetbrains.annotations.NotNull;

public interface StatusBarWidgetFactory {
    @NotNull
    String getId();

    @NotNull
    String getDisplayName();

    boolean isAvailable(@NotNull Project project);

    default @NotNull StatusBarWidget createWidget(@NotNull Project project) {
        throw new UnsupportedOperationException();
    }

    default void disposeWidget(@NotNull StatusBarWidget widget) {
        throw new UnsupportedOperationException();
    }

    default boolean canBeEnabledOn(@NotNull StatusBar statusBar) {
        throw new UnsupportedOperationException();
    }
}
