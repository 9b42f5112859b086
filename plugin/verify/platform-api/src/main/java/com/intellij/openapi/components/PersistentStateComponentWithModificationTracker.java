// Read in intellij-community: platform/projectModel-api/src/com/intellij/openapi/components/PersistentStateComponentWithModificationTracker.java at 8da1eedb0b5029c3b91ae4e212c7b0632a35b304.
package com.intellij.openapi.components;

public interface PersistentStateComponentWithModificationTracker<T> extends PersistentStateComponent<T> {
    long getStateModificationCount();
}
