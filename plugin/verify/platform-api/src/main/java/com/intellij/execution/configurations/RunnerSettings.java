// Read in intellij-community: platform/execution/src/com/intellij/execution/runners/ProgramRunner.java at 0d756ce25492936f431ce64650c9fff6046a34f0.
package com.intellij.execution.configurations;

public interface RunnerSettings {
}
