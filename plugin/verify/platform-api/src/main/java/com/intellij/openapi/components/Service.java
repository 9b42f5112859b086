// Read in intellij-community: platform/core-api/src/com/intellij/openapi/components/Service.java at 089a3f2b3571f4cc769497027f9b9081f46a502f.
package com.intellij.openapi.components;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

@Retention(RetentionPolicy.RUNTIME)
public @interface Service {
    Level[] value() default Level.APP;

    enum Level {
        APP,
        PROJECT
    }
}
