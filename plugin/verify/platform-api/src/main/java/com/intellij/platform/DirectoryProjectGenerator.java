// Read in intellij-community: platform/platform-impl/src/com/intellij/platform/DirectoryProjectGenerator.java at 80b1a82b91d474e852606b54057020ddf174e77c.
package com.intellij.platform;

import com.intellij.facet.ui.ValidationResult;
import com.intellij.openapi.module.Module;
import com.intellij.openapi.project.Project;
import com.intellij.openapi.vfs.VirtualFile;
import javax.swing.Icon;
import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

public interface DirectoryProjectGenerator<T> {
    default @Nullable String getDescription() {
        throw new UnsupportedOperationException();
    }

    @NotNull
    String getName();

    @Nullable
    Icon getLogo();

    void generateProject(
        @NotNull Project project,
        @NotNull VirtualFile baseDir,
        @NotNull T settings,
        @NotNull Module module
    );

    @NotNull
    ValidationResult validate(@NotNull String baseDirPath);
}
