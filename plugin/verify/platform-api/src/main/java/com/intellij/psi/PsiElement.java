// Read in intellij-community: platform/core-api/src/com/intellij/psi/PsiElement.java at 3759705cc157db3602a8b33aab0117a8bbe747c2.
package com.intellij.psi;

public interface PsiElement {
    PsiElement getFirstChild();

    PsiFile getContainingFile();

    int getTextOffset();
}
