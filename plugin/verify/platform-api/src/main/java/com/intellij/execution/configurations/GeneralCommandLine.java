// Read in intellij-community: platform/platform-util-io/src/com/intellij/execution/configurations/GeneralCommandLine.java at b8ebb3bd31e919abc39bc29b5085ed0086ec753b.
package com.intellij.execution.configurations;

import java.util.List;
import java.util.Map;
import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

public class GeneralCommandLine {
    public GeneralCommandLine(@NotNull List<String> command) {
        throw new UnsupportedOperationException();
    }

    public @NotNull GeneralCommandLine withWorkDirectory(@Nullable String path) {
        throw new UnsupportedOperationException();
    }

    public @NotNull GeneralCommandLine withEnvironment(@Nullable Map<String, String> environment) {
        throw new UnsupportedOperationException();
    }
}
