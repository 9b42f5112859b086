// Read in intellij-community: platform/platform-api/src/com/intellij/openapi/fileChooser/FileSaverDescriptor.java at 113f0eaeb6d9a34b343b44ddd7fa41198980cccb.
package com.intellij.openapi.fileChooser;

import org.jetbrains.annotations.NotNull;

public class FileSaverDescriptor extends FileChooserDescriptor implements Cloneable {
    public FileSaverDescriptor(@NotNull String title, @NotNull String description, String... extensions) {
        throw new UnsupportedOperationException();
    }
}
