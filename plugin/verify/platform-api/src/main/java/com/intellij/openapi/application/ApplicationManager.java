// Read in intellij-community: platform/core-api/src/com/intellij/openapi/application/ApplicationManager.java at 06b6f557919e109c8e8682109fa7fe4a0221bdcf.
package com.intellij.openapi.application;

public class ApplicationManager {
    private ApplicationManager() {
    }

    public static Application getApplication() {
        throw new UnsupportedOperationException();
    }
}
