// Read in intellij-community: platform/platform-api/src/com/intellij/ui/EditorNotificationProvider.java at 0d756ce25492936f431ce64650c9fff6046a34f0.
package com.intellij.ui;

import com.intellij.openapi.fileEditor.FileEditor;
import com.intellij.openapi.project.PossiblyDumbAware;
import com.intellij.openapi.project.Project;
import com.intellij.openapi.vfs.VirtualFile;
import java.util.function.Function;
import javax.swing.JComponent;
import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

public interface EditorNotificationProvider extends PossiblyDumbAware {
    @Nullable
    Function<? super @NotNull FileEditor, ? extends @Nullable JComponent> collectNotificationData(
        @NotNull Project project,
        @NotNull VirtualFile file
    );
}
