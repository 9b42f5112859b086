// Read in intellij-community: platform/lang-core/src/com/intellij/openapi/projectRoots/SdkType.java at 06b6f557919e109c8e8682109fa7fe4a0221bdcf.
package com.intellij.openapi.projectRoots;

public abstract class SdkType {
}
