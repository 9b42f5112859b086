// Read in intellij-community: platform/projectModel-api/src/com/intellij/openapi/components/Storage.java at dc51c73f83b0fb47ce8b3b184efa3ea0475bf739.
package com.intellij.openapi.components;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

@Retention(RetentionPolicy.RUNTIME)
public @interface Storage {
    String value() default "";
}
