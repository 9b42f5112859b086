// Read in intellij-community: platform/execution/src/com/intellij/execution/filters/TextConsoleBuilder.java at c0a175150e7df9e5ee62b3931e5dbcf526401da1.
package com.intellij.execution.filters;

import com.intellij.execution.ui.ConsoleView;
import org.jetbrains.annotations.NotNull;

public abstract class TextConsoleBuilder {
    public abstract @NotNull ConsoleView getConsole();

    public abstract void addFilter(@NotNull Filter filter);
}
