// Read in intellij-community: platform/platform-api/src/com/intellij/openapi/fileEditor/FileEditor.java at fcc4be8b1f12321078cb65aae8da641990ee33a5.
package com.intellij.openapi.fileEditor;

import com.intellij.openapi.Disposable;

public interface FileEditor extends Disposable {
}
