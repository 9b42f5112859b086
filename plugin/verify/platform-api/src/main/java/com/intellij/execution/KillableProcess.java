// Read in intellij-community: platform/platform-util-io/src/com/intellij/execution/KillableProcess.java at fa81465e9d76d9d6fd9403d0a29fdf36001ad6c8.
package com.intellij.execution;

public interface KillableProcess {
    boolean canKillProcess();

    void killProcess();
}
