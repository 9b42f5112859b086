// Read in intellij-community: json/backend/src/com/jetbrains/jsonSchema/extension/JsonSchemaFileProvider.java at 0d756ce25492936f431ce64650c9fff6046a34f0.
package com.jetbrains.jsonSchema.extension;

import com.intellij.openapi.vfs.VirtualFile;
import com.jetbrains.jsonSchema.impl.JsonSchemaVersion;
import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

public interface JsonSchemaFileProvider {
    boolean isAvailable(@NotNull VirtualFile file);

    @NotNull
    String getName();

    @Nullable
    VirtualFile getSchemaFile();

    @NotNull
    SchemaType getSchemaType();

    default JsonSchemaVersion getSchemaVersion() {
        throw new UnsupportedOperationException();
    }
}
