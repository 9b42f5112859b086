// Read in intellij-community: platform/platform-api/src/com/intellij/execution/filters/HyperlinkInfo.java at 03980ad0dccbd9a9140c4dc2415985c469f99ae7.
package com.intellij.execution.filters;

import com.intellij.openapi.project.Project;

public interface HyperlinkInfo {
    void navigate(Project project);
}
