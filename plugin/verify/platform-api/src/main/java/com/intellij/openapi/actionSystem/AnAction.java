// Read in intellij-community: platform/editor-ui-api/src/com/intellij/openapi/actionSystem/AnAction.java at 5eda561006e5f6c696214569bd78a6b095fc674a.
package com.intellij.openapi.actionSystem;

public abstract class AnAction {
}
