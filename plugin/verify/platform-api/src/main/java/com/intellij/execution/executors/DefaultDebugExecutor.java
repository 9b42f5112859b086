// Read in intellij-community: platform/xdebugger-api/src/com/intellij/execution/executors/DefaultDebugExecutor.java at cd2681ed1d7efcd7737c64f11ecc9bb2ed4dfc55.
package com.intellij.execution.executors;

import com.intellij.execution.Executor;

public class DefaultDebugExecutor extends Executor {
    public static final String EXECUTOR_ID = "Debug";

    public static Executor getDebugExecutorInstance() {
        throw new UnsupportedOperationException();
    }
}
