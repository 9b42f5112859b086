// Read in intellij-community: platform/analysis-api/src/com/intellij/openapi/vfs/LocalFileSystem.java at 07e9a2c7aed4f7424b2933d9c33fd4d439ea4441.
package com.intellij.openapi.vfs;

import java.nio.file.Path;
import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

public abstract class LocalFileSystem {
    public static LocalFileSystem getInstance() {
        throw new UnsupportedOperationException();
    }

    public final @Nullable VirtualFile refreshAndFindFileByNioFile(@NotNull Path file) {
        throw new UnsupportedOperationException();
    }
}
