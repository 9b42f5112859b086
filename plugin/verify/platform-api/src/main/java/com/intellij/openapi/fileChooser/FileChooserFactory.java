// Read in intellij-community: platform/platform-api/src/com/intellij/openapi/fileChooser/FileChooserFactory.java at 0d756ce25492936f431ce64650c9fff6046a34f0.
package com.intellij.openapi.fileChooser;

import com.intellij.openapi.project.Project;
import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

public abstract class FileChooserFactory {
    public static FileChooserFactory getInstance() {
        throw new UnsupportedOperationException();
    }

    public abstract @NotNull FileSaverDialog createSaveFileDialog(
        @NotNull FileSaverDescriptor descriptor,
        @Nullable Project project
    );
}
