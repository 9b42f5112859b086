// Read in intellij-community: platform/util/src/com/intellij/execution/process/ProcessOutputType.java at 07c316c577c2d19550b4a0c8e95bfb8e39d50162.
package com.intellij.execution.process;

import com.intellij.openapi.util.Key;
import org.jetbrains.annotations.NotNull;

public class ProcessOutputType extends Key {
    public static final ProcessOutputType SYSTEM = null;
    public static final ProcessOutputType STDOUT = null;
    public static final ProcessOutputType STDERR = null;

    private ProcessOutputType(@NotNull String name) {
        super(name);
    }
}
