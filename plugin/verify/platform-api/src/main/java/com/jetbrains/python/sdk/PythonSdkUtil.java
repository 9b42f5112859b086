// Read in intellij-community: python/python-psi-impl/src/com/jetbrains/python/sdk/PythonSdkUtil.java at b1a4c5577102851b1630346f324d6d7bf09bb637.
package com.jetbrains.python.sdk;

import com.intellij.openapi.module.Module;
import com.intellij.openapi.projectRoots.Sdk;
import java.util.List;
import org.jetbrains.annotations.Nullable;

public final class PythonSdkUtil {
    private PythonSdkUtil() {
    }

    public static @Nullable Sdk findPythonSdk(@Nullable Module module) {
        throw new UnsupportedOperationException();
    }

    public static List<Sdk> getAllSdks() {
        throw new UnsupportedOperationException();
    }

    public static boolean isRemote(@Nullable Sdk sdk) {
        throw new UnsupportedOperationException();
    }
}
