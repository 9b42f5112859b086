// Read in intellij-community: platform/platform-impl/src/com/intellij/ide/trustedProjects/TrustedProjectsListener.kt at 3b993975514a80602e347652eb9ef86d0c0d506f.
package com.intellij.ide.trustedProjects

import com.intellij.openapi.project.Project

interface TrustedProjectsListener {
    fun onProjectTrusted(project: Project): Unit = throw UnsupportedOperationException()

    fun onProjectUntrusted(project: Project): Unit = throw UnsupportedOperationException()
}
