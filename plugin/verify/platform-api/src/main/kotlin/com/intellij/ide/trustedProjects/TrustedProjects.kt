// Read in intellij-community: platform/platform-impl/src/com/intellij/ide/trustedProjects/TrustedProjects.kt at 00af0b9f2bb80a0f4c5d5fe5d745ee597463a690.
package com.intellij.ide.trustedProjects

import com.intellij.openapi.project.Project

object TrustedProjects {
    @JvmStatic
    fun isProjectTrusted(project: Project): Boolean = throw UnsupportedOperationException()

    @JvmStatic
    fun setProjectTrusted(project: Project, isTrusted: Boolean): Unit = throw UnsupportedOperationException()
}
