// Read in intellij-community: platform/platform-impl/src/com/intellij/ide/actions/RevealFileAction.java at 004feeac3ae6fc2a67b5f2d6c395e91d4a0b2aa4.
package com.intellij.ide.actions;

import com.intellij.openapi.actionSystem.AnAction;
import com.intellij.openapi.actionSystem.AnActionEvent;
import java.io.File;
import org.jetbrains.annotations.NotNull;

public class RevealFileAction extends AnAction {
    public static void openDirectory(@NotNull File directory) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void actionPerformed(@NotNull AnActionEvent e) {
        throw new UnsupportedOperationException();
    }
}
