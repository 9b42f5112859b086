// Read in intellij-community: platform/projectModel-api/src/com/intellij/openapi/roots/ModuleRootListener.java at 3cbde5105b1e2639f52c2f944f7a7e5b4148a1d6.
package com.intellij.openapi.roots;

import java.util.EventListener;
import org.jetbrains.annotations.NotNull;

public interface ModuleRootListener extends EventListener {
    default void rootsChanged(@NotNull ModuleRootEvent event) {
    }
}
