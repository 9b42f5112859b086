// Read in intellij-community: platform/platform-api/src/com/intellij/openapi/vfs/VirtualFileWrapper.java at 03980ad0dccbd9a9140c4dc2415985c469f99ae7.
package com.intellij.openapi.vfs;

import java.io.File;
import org.jetbrains.annotations.NotNull;

public class VirtualFileWrapper {
    private VirtualFileWrapper() {
    }

    public @NotNull File getFile() {
        throw new UnsupportedOperationException();
    }
}
