// Read in intellij-community: platform/execution/src/com/intellij/execution/actions/ConfigurationContext.java at c2e91bcf57b6d36f2c619f377b84098a15868505.
package com.intellij.execution.actions;

import com.intellij.execution.Location;
import org.jetbrains.annotations.Nullable;

public class ConfigurationContext {
    private ConfigurationContext() {
    }

    public @Nullable Location getLocation() {
        throw new UnsupportedOperationException();
    }
}
