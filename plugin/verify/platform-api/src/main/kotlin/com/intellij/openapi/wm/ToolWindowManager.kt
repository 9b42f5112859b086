// Read in intellij-community: platform/platform-api/src/com/intellij/openapi/wm/ToolWindowManager.kt at c79c3c02304548b82e53be8dbfbbe7e1b859a62a.
package com.intellij.openapi.wm

import com.intellij.openapi.project.Project

abstract class ToolWindowManager {
    abstract fun getToolWindow(id: String?): ToolWindow?

    abstract fun invokeLater(runnable: Runnable)

    companion object {
        @JvmStatic
        fun getInstance(project: Project): ToolWindowManager = throw UnsupportedOperationException()
    }
}
