// Read in intellij-community: platform/execution/src/com/intellij/execution/ui/ConsoleView.java at 9b9ff165706956ffc3ed1f123b47b2ad43adc22b.
package com.intellij.execution.ui;

import com.intellij.execution.process.ProcessHandler;
import org.jetbrains.annotations.NotNull;

public interface ConsoleView extends ExecutionConsole {
    void attachToProcess(@NotNull ProcessHandler processHandler);
}
