// Read in intellij-community: platform/lsp/src/api/LspServerDescriptor.kt at 2a215a8c941fa96601407560d420270baaf28a61.
package com.intellij.platform.lsp.api

import com.intellij.openapi.project.Project
import com.intellij.openapi.vfs.VirtualFile

abstract class LspServerDescriptor protected constructor(
    project: Project,
    presentableName: String,
    vararg roots: VirtualFile,
) : LspClientDescriptor(project, presentableName, *roots)
