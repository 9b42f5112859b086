// Read in intellij-community: platform/extensions/src/com/intellij/openapi/components/ComponentManager.java at 22d50ac29d4285d5ff7974a008ee129174b612c8.
package com.intellij.openapi.components;

import com.intellij.openapi.Disposable;
import org.jetbrains.annotations.NotNull;

public interface ComponentManager extends Disposable {
    <T> T getService(@NotNull Class<T> serviceClass);
}
