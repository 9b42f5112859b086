// Read in intellij-community: platform/platform-api/src/com/intellij/openapi/ui/DialogWrapper.java at 4ef30711a4caccb24bd950e357f76204eb7bd9f3.
package com.intellij.openapi.ui;

import com.intellij.openapi.Disposable;
import com.intellij.openapi.project.Project;
import javax.swing.JComponent;
import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

public abstract class DialogWrapper {
    public static final int OK_EXIT_CODE = 0;
    public static final int CANCEL_EXIT_CODE = 1;

    protected DialogWrapper(@Nullable Project project) {
        throw new UnsupportedOperationException();
    }

    public final void close(int exitCode) {
        throw new UnsupportedOperationException();
    }

    protected JComponent createSouthPanel() {
        throw new UnsupportedOperationException();
    }

    protected abstract @Nullable JComponent createCenterPanel();

    public void doCancelAction() {
        throw new UnsupportedOperationException();
    }

    public @Nullable JComponent getPreferredFocusedComponent() {
        throw new UnsupportedOperationException();
    }

    public @NotNull Disposable getDisposable() {
        throw new UnsupportedOperationException();
    }

    protected void init() {
        throw new UnsupportedOperationException();
    }

    public void setTitle(String title) {
        throw new UnsupportedOperationException();
    }

    public void show() {
        throw new UnsupportedOperationException();
    }
}
