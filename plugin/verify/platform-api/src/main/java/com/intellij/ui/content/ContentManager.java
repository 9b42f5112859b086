// Read in intellij-community: platform/ide-core/src/com/intellij/ui/content/ContentManager.java at 06b6f557919e109c8e8682109fa7fe4a0221bdcf.
package com.intellij.ui.content;

import com.intellij.openapi.Disposable;
import org.jetbrains.annotations.NotNull;

public interface ContentManager extends Disposable {
    void addContent(@NotNull Content content);

    Content @NotNull [] getContents();
}
