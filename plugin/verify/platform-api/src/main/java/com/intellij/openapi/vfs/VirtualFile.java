// Read in intellij-community: platform/core-api/src/com/intellij/openapi/vfs/VirtualFile.java at 8fd1e1f48b224c23647124885b5865a8c999510e.
package com.intellij.openapi.vfs;

import com.intellij.openapi.util.UserDataHolderBase;
import org.jetbrains.annotations.NotNull;

public abstract class VirtualFile extends UserDataHolderBase {
    public abstract @NotNull String getName();

    public abstract @NotNull String getPath();

    public abstract boolean isDirectory();

    public boolean isInLocalFileSystem() {
        throw new UnsupportedOperationException();
    }
}
