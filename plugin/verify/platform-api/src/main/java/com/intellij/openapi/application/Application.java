// Read in intellij-community: platform/core-api/src/com/intellij/openapi/application/Application.java at 3759705cc157db3602a8b33aab0117a8bbe747c2.
package com.intellij.openapi.application;

import com.intellij.openapi.components.ComponentManager;

public interface Application extends ComponentManager {
}
