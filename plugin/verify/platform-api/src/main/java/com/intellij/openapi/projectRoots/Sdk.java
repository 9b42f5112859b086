// Read in intellij-community: platform/projectModel-api/src/com/intellij/openapi/projectRoots/Sdk.java at 2a971b44db08f72ca96cf68f3235f597d8f42bd7.
package com.intellij.openapi.projectRoots;

import org.jetbrains.annotations.Nullable;

public interface Sdk {
    @Nullable
    String getHomePath();
}
