// Read in intellij-community: platform/ide-core/src/com/intellij/ui/content/Content.java at f90815a123019fa0614428f3eb83b24de2ebc257.
package com.intellij.ui.content;

import com.intellij.openapi.Disposable;
import javax.swing.JComponent;
import org.jetbrains.annotations.NotNull;

public interface Content {
    JComponent getComponent();

    void setDisposer(@NotNull Disposable disposer);
}
