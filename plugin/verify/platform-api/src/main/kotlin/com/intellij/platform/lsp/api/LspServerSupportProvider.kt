// Read in intellij-community: platform/lsp/src/api/LspServerSupportProvider.kt at 1b2385f05e4f7d46e7791acb52d0d6cf127e1b3a.
package com.intellij.platform.lsp.api

import com.intellij.openapi.project.Project
import com.intellij.openapi.vfs.VirtualFile

interface LspServerSupportProvider {
    fun fileOpened(project: Project, file: VirtualFile, serverStarter: LspServerStarter)

    interface LspServerStarter {
        fun ensureServerStarted(descriptor: LspServerDescriptor)
    }
}
