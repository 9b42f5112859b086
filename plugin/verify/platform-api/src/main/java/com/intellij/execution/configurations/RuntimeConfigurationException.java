// Read in intellij-community: platform/execution/src/com/intellij/execution/configurations/RuntimeConfigurationException.java at 393cce58bd89b099e0df142f3a389d4cc18134a6.
package com.intellij.execution.configurations;

import com.intellij.openapi.options.ConfigurationException;

public class RuntimeConfigurationException extends ConfigurationException {
    public RuntimeConfigurationException(String message) {
        super(message);
    }
}
