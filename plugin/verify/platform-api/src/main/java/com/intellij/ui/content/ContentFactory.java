// Read in intellij-community: platform/ide-core/src/com/intellij/ui/content/ContentFactory.java at 69aa5b1f5c6557513c1211c64957de0d7362104b.
package com.intellij.ui.content;

import javax.swing.JComponent;
import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

public interface ContentFactory {
    static ContentFactory getInstance() {
        throw new UnsupportedOperationException();
    }

    @NotNull
    Content createContent(@Nullable JComponent component, @Nullable String displayName, boolean isLockable);
}
