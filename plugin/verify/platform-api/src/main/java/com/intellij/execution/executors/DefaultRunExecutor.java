// Read in intellij-community: platform/execution/src/com/intellij/execution/executors/DefaultRunExecutor.java at 15343567cf7809eb623839598d6437db1454e59b.
package com.intellij.execution.executors;

import com.intellij.execution.Executor;

public class DefaultRunExecutor extends Executor {
    private DefaultRunExecutor() {
    }

    public static Executor getRunExecutorInstance() {
        throw new UnsupportedOperationException();
    }
}
