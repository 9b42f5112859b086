// Read in intellij-community: platform/core-api/src/com/intellij/psi/PsiFile.java at 3759705cc157db3602a8b33aab0117a8bbe747c2.
package com.intellij.psi;

import com.intellij.openapi.vfs.VirtualFile;

public interface PsiFile extends PsiElement {
    VirtualFile getVirtualFile();
}
