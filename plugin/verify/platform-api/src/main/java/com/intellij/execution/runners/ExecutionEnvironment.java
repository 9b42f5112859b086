// Read in intellij-community: platform/execution/src/com/intellij/execution/runners/ExecutionEnvironment.java at 99233b96b1dc6c618d5b406eb1303cf34ffc31f1.
package com.intellij.execution.runners;

import com.intellij.execution.configurations.RunProfile;
import com.intellij.openapi.project.Project;
import com.intellij.openapi.util.UserDataHolderBase;
import org.jetbrains.annotations.NotNull;

public final class ExecutionEnvironment extends UserDataHolderBase {
    public @NotNull Project getProject() {
        throw new UnsupportedOperationException();
    }

    public @NotNull RunProfile getRunProfile() {
        throw new UnsupportedOperationException();
    }
}
