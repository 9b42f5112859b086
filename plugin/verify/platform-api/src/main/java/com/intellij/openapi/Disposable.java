// Read in intellij-community: platform/util/src/com/intellij/openapi/Disposable.java at aeefbbefaf74210f545774de781ec7daeb0f05f9.
package com.intellij.openapi;

public interface Disposable {
    void dispose();
}
