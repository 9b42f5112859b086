// Read in intellij-community: platform/util/src/com/intellij/openapi/util/UserDataHolderBase.java at b7a9ab03541496c97c16e2ac8750570463bb8aac.
package com.intellij.openapi.util;

public class UserDataHolderBase implements Cloneable {
    @Override
    protected Object clone() {
        throw new UnsupportedOperationException();
    }
}
