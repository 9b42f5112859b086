// Read in intellij-community: platform/execution/src/com/intellij/execution/filters/TextConsoleBuilderFactory.java at 0d756ce25492936f431ce64650c9fff6046a34f0.
package com.intellij.execution.filters;

import com.intellij.openapi.project.Project;
import org.jetbrains.annotations.NotNull;

public abstract class TextConsoleBuilderFactory {
    public abstract @NotNull TextConsoleBuilder createBuilder(@NotNull Project project);

    public static TextConsoleBuilderFactory getInstance() {
        throw new UnsupportedOperationException();
    }
}
