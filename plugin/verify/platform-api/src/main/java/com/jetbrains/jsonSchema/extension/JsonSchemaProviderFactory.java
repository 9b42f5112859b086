// Read in intellij-community: json/src/com/jetbrains/jsonSchema/extension/JsonSchemaProviderFactory.java at 0c030e1c6cab5f80e584ed34cec7a9130b9322e5.
package com.jetbrains.jsonSchema.extension;

import com.intellij.openapi.project.PossiblyDumbAware;
import com.intellij.openapi.project.Project;
import com.intellij.openapi.vfs.VirtualFile;
import java.util.List;
import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

public interface JsonSchemaProviderFactory extends PossiblyDumbAware {
    @NotNull
    List<JsonSchemaFileProvider> getProviders(@NotNull Project project);

    static @Nullable VirtualFile getResourceFile(@NotNull Class<?> baseClass, @NotNull String resourcePath) {
        throw new UnsupportedOperationException();
    }
}
