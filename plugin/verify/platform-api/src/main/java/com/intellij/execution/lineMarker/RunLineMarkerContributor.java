// Read in intellij-community: platform/execution-impl/src/com/intellij/execution/lineMarker/RunLineMarkerContributor.java at d93a7709eb6d31d40dacc9f4f53ed36ff56a40b7.
package com.intellij.execution.lineMarker;

import com.intellij.openapi.project.PossiblyDumbAware;
import com.intellij.psi.PsiElement;
import javax.swing.Icon;
import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

public abstract class RunLineMarkerContributor implements PossiblyDumbAware {
    public static @NotNull Info withExecutorActions(@NotNull Icon icon) {
        throw new UnsupportedOperationException();
    }

    public abstract @Nullable Info getInfo(@NotNull PsiElement element);

    public static class Info {
        private Info() {
        }
    }
}
