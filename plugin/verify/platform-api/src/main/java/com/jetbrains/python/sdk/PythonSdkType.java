// Read in intellij-community: python/src/com/jetbrains/python/sdk/PythonSdkType.java at 095a340f4419e2eb32d46953d8bd3dd8390e3a58.
package com.jetbrains.python.sdk;

import com.intellij.openapi.projectRoots.SdkType;

public final class PythonSdkType extends SdkType {
    private PythonSdkType() {
    }

    public static PythonSdkType getInstance() {
        throw new UnsupportedOperationException();
    }
}
