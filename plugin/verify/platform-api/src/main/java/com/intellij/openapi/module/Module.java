// Read in intellij-community: platform/core-api/src/com/intellij/openapi/module/Module.java at 75d0b462ada8b80e9a4065d9ac4c0d907f21c8ae.
package com.intellij.openapi.module;

public interface Module {
}
