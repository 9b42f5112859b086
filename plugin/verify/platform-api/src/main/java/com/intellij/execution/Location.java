// Read in intellij-community: platform/execution/src/com/intellij/execution/Location.java at 06e5dcf7dbac92a023b66ef00a6ab6129a77aec7.
package com.intellij.execution;

import com.intellij.openapi.vfs.VirtualFile;
import com.intellij.psi.PsiElement;
import org.jetbrains.annotations.Nullable;

public abstract class Location<E extends PsiElement> {
    public @Nullable VirtualFile getVirtualFile() {
        throw new UnsupportedOperationException();
    }
}
