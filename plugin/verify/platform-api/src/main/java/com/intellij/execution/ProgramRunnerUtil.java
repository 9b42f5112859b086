// Read in intellij-community: platform/execution-impl/src/com/intellij/execution/ProgramRunnerUtil.java at 044aac10808b529210e6773ddf42395553972fea.
package com.intellij.execution;

import org.jetbrains.annotations.NotNull;

public final class ProgramRunnerUtil {
    private ProgramRunnerUtil() {
    }

    public static void executeConfiguration(
        @NotNull RunnerAndConfigurationSettings configuration,
        @NotNull Executor executor
    ) {
        throw new UnsupportedOperationException();
    }
}
