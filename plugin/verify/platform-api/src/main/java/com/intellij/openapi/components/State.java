// Read in intellij-community: platform/projectModel-api/src/com/intellij/openapi/components/State.java at 4a0cc26928b7e374306b80829d638ce52bf87e97.
package com.intellij.openapi.components;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import org.jetbrains.annotations.NotNull;

@Retention(RetentionPolicy.RUNTIME)
public @interface State {
    @NotNull
    String name();

    Storage[] storages() default {};
}
