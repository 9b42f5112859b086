// Read in intellij-community: platform/editor-ui-api/src/com/intellij/openapi/actionSystem/CommonDataKeys.java at 03980ad0dccbd9a9140c4dc2415985c469f99ae7.
package com.intellij.openapi.actionSystem;

import com.intellij.openapi.vfs.VirtualFile;

public class CommonDataKeys {
    public static final DataKey<VirtualFile> VIRTUAL_FILE = null;

    private CommonDataKeys() {
    }
}
