// Read in intellij-community: platform/platform-api/src/com/intellij/openapi/fileChooser/FileChooserDescriptorFactory.java at 0d95ef8ac986d64379a26c73673cae7680f6791d.
package com.intellij.openapi.fileChooser;

public final class FileChooserDescriptorFactory {
    private FileChooserDescriptorFactory() {
    }

    public static FileChooserDescriptor createSingleFileDescriptor(String extension) {
        throw new UnsupportedOperationException();
    }

    public static FileChooserDescriptor createSingleFileNoJarsDescriptor() {
        throw new UnsupportedOperationException();
    }

    public static FileChooserDescriptor createSingleFileOrFolderDescriptor() {
        throw new UnsupportedOperationException();
    }

    public static FileChooserDescriptor createSingleFolderDescriptor() {
        throw new UnsupportedOperationException();
    }
}
