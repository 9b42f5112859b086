// Read in intellij-community: platform/editor-ui-api/src/com/intellij/openapi/actionSystem/Presentation.java at 031401c73624cb2872d708fbee83533ffb186c56.
package com.intellij.openapi.actionSystem;

public class Presentation {
    private Presentation() {
    }

    public boolean isEnabled() {
        throw new UnsupportedOperationException();
    }

    public void setEnabled(boolean enabled) {
        throw new UnsupportedOperationException();
    }

    public void setEnabledAndVisible(boolean enabled) {
        throw new UnsupportedOperationException();
    }
}
