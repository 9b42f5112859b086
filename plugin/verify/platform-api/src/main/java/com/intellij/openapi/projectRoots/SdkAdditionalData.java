// Read in intellij-community: platform/projectModel-api/src/com/intellij/openapi/projectRoots/SdkAdditionalData.java at 19adb761a5493a34806578cef63ffda3fce5f1d2.
package com.intellij.openapi.projectRoots;

public interface SdkAdditionalData {
}
