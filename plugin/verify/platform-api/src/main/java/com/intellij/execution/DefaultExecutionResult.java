// Read in intellij-community: platform/execution/src/com/intellij/execution/DefaultExecutionResult.java at 690fa3ad3731d797b71437d940ad4525b90a960c.
package com.intellij.execution;

import com.intellij.execution.process.ProcessHandler;
import com.intellij.execution.ui.ExecutionConsole;
import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

public class DefaultExecutionResult implements ExecutionResult {
    public DefaultExecutionResult(@Nullable ExecutionConsole console, @NotNull ProcessHandler processHandler) {
        throw new UnsupportedOperationException();
    }
}
