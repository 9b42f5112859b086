// Read in intellij-community: platform/ide-core/src/com/intellij/openapi/options/SettingsEditor.java at 3e0816b191ae4cda0a8c11532bb4236e37bb60f5.
package com.intellij.openapi.options;

import com.intellij.openapi.Disposable;
import javax.swing.JComponent;
import org.jetbrains.annotations.NotNull;

public abstract class SettingsEditor<Settings> implements Disposable {
    protected abstract void resetEditorFrom(@NotNull Settings s);

    protected abstract void applyEditorTo(@NotNull Settings s) throws ConfigurationException;

    protected abstract @NotNull JComponent createEditor();

    protected final void fireEditorStateChanged() {
        throw new UnsupportedOperationException();
    }

    @Override
    public final void dispose() {
        throw new UnsupportedOperationException();
    }
}
