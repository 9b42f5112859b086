// Read in intellij-community: platform/platform-api/src/com/intellij/openapi/ui/TextFieldWithBrowseButton.java at 0219be6ae4c5c050bef75ffa5566ac9c2a21e345.
package com.intellij.openapi.ui;

import com.intellij.openapi.fileChooser.FileChooserDescriptor;
import com.intellij.openapi.project.Project;
import javax.swing.JTextField;
import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

public class TextFieldWithBrowseButton extends ComponentWithBrowseButton<JTextField> {
    public TextFieldWithBrowseButton(JTextField field) {
        throw new UnsupportedOperationException();
    }

    public void addBrowseFolderListener(@Nullable Project project, @NotNull FileChooserDescriptor descriptor) {
        throw new UnsupportedOperationException();
    }
}
