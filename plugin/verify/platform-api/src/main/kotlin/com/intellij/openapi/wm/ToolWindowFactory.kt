// Read in intellij-community: platform/platform-api/src/com/intellij/openapi/wm/ToolWindowFactory.kt at 05fc59300692e9b84414edb53858ea3e5705fc7d.
package com.intellij.openapi.wm

import com.intellij.openapi.project.PossiblyDumbAware
import com.intellij.openapi.project.Project

interface ToolWindowFactory : PossiblyDumbAware {
    fun createToolWindowContent(project: Project, toolWindow: ToolWindow)
}
