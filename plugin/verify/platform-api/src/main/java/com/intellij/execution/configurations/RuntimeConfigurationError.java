// Read in intellij-community: platform/execution/src/com/intellij/execution/configurations/RuntimeConfigurationError.java at facd32ff42cf0c1252786b209e5afd419e22ee8b.
package com.intellij.execution.configurations;

public class RuntimeConfigurationError extends RuntimeConfigurationException {
    public RuntimeConfigurationError(String message) {
        super(message);
    }
}
