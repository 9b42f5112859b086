// Read in intellij-community: platform/editor-ui-api/src/com/intellij/openapi/actionSystem/DataKey.java at 19adb761a5493a34806578cef63ffda3fce5f1d2.
package com.intellij.openapi.actionSystem;

public class DataKey<T> {
    private DataKey() {
    }
}
