// Read in intellij-community: platform/lang-impl/src/com/intellij/openapi/projectRoots/impl/SdkConfigurationUtil.java at 026915342927f0aa3ebcf478bd2760f82dd23246.
package com.intellij.openapi.projectRoots.impl;

import com.intellij.openapi.project.Project;
import com.intellij.openapi.projectRoots.Sdk;
import com.intellij.openapi.projectRoots.SdkAdditionalData;
import com.intellij.openapi.projectRoots.SdkType;
import com.intellij.openapi.vfs.VirtualFile;
import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

public final class SdkConfigurationUtil {
    private SdkConfigurationUtil() {
    }

    public static void addSdk(@NotNull Sdk sdk) {
        throw new UnsupportedOperationException();
    }

    public static @Nullable Sdk setupSdk(
            Sdk @NotNull [] allSdks,
            @NotNull VirtualFile homeDir,
            @NotNull SdkType sdkType,
            boolean silent,
            @Nullable SdkAdditionalData additionalData,
            @Nullable String customSdkSuggestedName) {
        throw new UnsupportedOperationException();
    }

    public static void setDirectoryProjectSdk(@NotNull Project project, @Nullable Sdk sdk) {
        throw new UnsupportedOperationException();
    }
}
