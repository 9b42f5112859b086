// Read in intellij-community: platform/execution/src/com/intellij/execution/configurations/RunProfileState.java at 2b29268b3369b1523709df47dda73871a0d159d3.
package com.intellij.execution.configurations;

import com.intellij.execution.ExecutionException;
import com.intellij.execution.ExecutionResult;
import com.intellij.execution.Executor;
import com.intellij.execution.runners.ProgramRunner;
import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

public interface RunProfileState {
    @Nullable
    ExecutionResult execute(Executor executor, @NotNull ProgramRunner<?> runner) throws ExecutionException;
}
