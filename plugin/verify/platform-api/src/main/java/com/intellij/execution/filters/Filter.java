// Read in intellij-community: platform/execution/src/com/intellij/execution/filters/Filter.java at 0d756ce25492936f431ce64650c9fff6046a34f0.
package com.intellij.execution.filters;

import com.intellij.openapi.project.PossiblyDumbAware;
import java.util.List;
import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

public interface Filter extends PossiblyDumbAware {
    @Nullable
    Result applyFilter(@NotNull String line, int entireLength);

    class Result extends ResultItem {
        public Result(@NotNull List<? extends ResultItem> resultItems) {
            super(0, 0, null);
        }
    }

    class ResultItem {
        public ResultItem(int highlightStartOffset, int highlightEndOffset, @Nullable HyperlinkInfo hyperlinkInfo) {
        }
    }
}
