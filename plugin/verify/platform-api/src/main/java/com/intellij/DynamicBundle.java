// Read in intellij-community: platform/core-api/src/com/intellij/DynamicBundle.java at 78e622dc27c2b443db36b6a45a587e0e1365811b.
package com.intellij;

import org.jetbrains.annotations.NotNull;

public class DynamicBundle extends AbstractBundle {
    public DynamicBundle(@NotNull Class<?> bundleClass, @NotNull String pathToBundle) {
        super(bundleClass, pathToBundle);
    }
}
