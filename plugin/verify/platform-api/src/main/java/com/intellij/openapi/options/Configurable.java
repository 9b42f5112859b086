// Read in intellij-community: platform/ide-core/src/com/intellij/openapi/options/Configurable.java at 2a215a8c941fa96601407560d420270baaf28a61.
package com.intellij.openapi.options;

public interface Configurable extends UnnamedConfigurable {
    String getDisplayName();
}
