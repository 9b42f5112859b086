// Read in intellij-community: platform/editor-ui-api/src/com/intellij/openapi/actionSystem/ActionUpdateThread.java at 2cc777ff9ff992acf65e75fa8fa6cfc84dda4e9a.
package com.intellij.openapi.actionSystem;

public enum ActionUpdateThread {
    BGT,
    EDT
}
