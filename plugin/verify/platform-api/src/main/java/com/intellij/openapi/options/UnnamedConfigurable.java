// Read in intellij-community: platform/ide-core/src/com/intellij/openapi/options/UnnamedConfigurable.java at c46c029f378eb89ee9f17f6d5c75bec2145b730b.
package com.intellij.openapi.options;

import javax.swing.JComponent;
import org.jetbrains.annotations.Nullable;

public interface UnnamedConfigurable {
    @Nullable
    JComponent createComponent();

    boolean isModified();

    void apply() throws ConfigurationException;

    default void reset() {
    }

    default void disposeUIResources() {
    }
}
