// Read in intellij-community: platform/editor-ui-api/src/com/intellij/openapi/actionSystem/AnAction.java at 5eda561006e5f6c696214569bd78a6b095fc674a.
package com.intellij.openapi.actionSystem;

import org.jetbrains.annotations.NotNull;

public abstract class AnAction {
    public AnAction() {
        throw new UnsupportedOperationException();
    }

    public abstract void actionPerformed(@NotNull AnActionEvent e);

    public void update(@NotNull AnActionEvent e) {
        throw new UnsupportedOperationException();
    }

    public @NotNull ActionUpdateThread getActionUpdateThread() {
        throw new UnsupportedOperationException();
    }
}
