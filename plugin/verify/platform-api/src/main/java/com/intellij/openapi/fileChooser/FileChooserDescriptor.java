// Read in intellij-community: platform/platform-api/src/com/intellij/openapi/fileChooser/FileChooserDescriptor.java at 56d3caf1f0bafb0605e5cdba9a0589e5ec4cb089.
package com.intellij.openapi.fileChooser;

public class FileChooserDescriptor implements Cloneable {
    public FileChooserDescriptor withTitle(String title) {
        throw new UnsupportedOperationException();
    }
}
