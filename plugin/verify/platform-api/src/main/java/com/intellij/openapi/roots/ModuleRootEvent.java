// Read in intellij-community: platform/projectModel-api/src/com/intellij/openapi/roots/ModuleRootEvent.java at 40a976064c2cc32b9cb6ae25e0dc66e4e3b0e89c.
package com.intellij.openapi.roots;

import com.intellij.openapi.project.Project;
import java.util.EventObject;
import org.jetbrains.annotations.NotNull;

public abstract class ModuleRootEvent extends EventObject {
    protected ModuleRootEvent(@NotNull Project project) {
        super(project);
    }
}
