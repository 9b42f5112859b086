// Read in intellij-community: platform/execution/src/com/intellij/execution/runners/ProgramRunner.java at 0d756ce25492936f431ce64650c9fff6046a34f0.
package com.intellij.execution.runners;

import com.intellij.execution.ExecutionException;
import com.intellij.execution.configurations.RunProfile;
import com.intellij.execution.configurations.RunnerSettings;
import org.jetbrains.annotations.NotNull;

public interface ProgramRunner<Settings extends RunnerSettings> {
    @NotNull
    String getRunnerId();

    boolean canRun(@NotNull String executorId, @NotNull RunProfile profile);

    void execute(@NotNull ExecutionEnvironment environment) throws ExecutionException;
}
