// Read in intellij-community: platform/projectModel-api/src/com/intellij/openapi/components/StoragePathMacros.java at 41cee1421f771f743cfc8f21d0e1acb0eb945327.
package com.intellij.openapi.components;

public final class StoragePathMacros {
    public static final String PRODUCT_WORKSPACE_FILE = "$PRODUCT_WORKSPACE_FILE$";

    private StoragePathMacros() {
    }
}
