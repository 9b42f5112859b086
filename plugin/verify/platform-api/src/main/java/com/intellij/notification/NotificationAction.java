// Read in intellij-community: platform/ide-core/src/com/intellij/notification/NotificationAction.java at 451212a595f32fd3703e9eaa51b07f10924539fb.
package com.intellij.notification;

import com.intellij.openapi.actionSystem.AnAction;
import org.jetbrains.annotations.NotNull;

public abstract class NotificationAction extends AnAction {
    public static @NotNull NotificationAction createSimpleExpiring(@NotNull String text, @NotNull Runnable performAction) {
        throw new UnsupportedOperationException();
    }
}
