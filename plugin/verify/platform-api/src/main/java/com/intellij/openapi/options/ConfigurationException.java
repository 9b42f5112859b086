// Read in intellij-community: platform/ide-core/src/com/intellij/openapi/options/ConfigurationException.java at 40a976064c2cc32b9cb6ae25e0dc66e4e3b0e89c.
package com.intellij.openapi.options;

public class ConfigurationException extends Exception {
    public ConfigurationException(String message) {
        throw new UnsupportedOperationException();
    }
}
