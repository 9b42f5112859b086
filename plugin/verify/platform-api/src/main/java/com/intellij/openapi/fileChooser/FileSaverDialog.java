// Read in intellij-community: platform/platform-api/src/com/intellij/openapi/fileChooser/FileSaverDialog.java at 0d756ce25492936f431ce64650c9fff6046a34f0.
package com.intellij.openapi.fileChooser;

import com.intellij.openapi.vfs.VirtualFileWrapper;
import java.nio.file.Path;
import org.jetbrains.annotations.Nullable;

public interface FileSaverDialog {
    @Nullable
    VirtualFileWrapper save(@Nullable Path baseDir, @Nullable String filename);
}
