// Read in intellij-community: platform/lsp/src/api/LspClientDescriptor.kt at 193cfce24b2ceff8f65c8fb6ee209e485c0cda8c.
package com.intellij.platform.lsp.api

import com.intellij.execution.ExecutionException
import com.intellij.execution.configurations.GeneralCommandLine
import com.intellij.openapi.project.Project
import com.intellij.openapi.vfs.VirtualFile
import com.intellij.platform.lsp.api.customization.LspCustomization

abstract class LspClientDescriptor protected constructor(
    val project: Project,
    val presentableName: String,
    vararg val roots: VirtualFile,
) {
    abstract fun isSupportedFile(file: VirtualFile): Boolean

    @Throws(ExecutionException::class)
    open fun createCommandLine(): GeneralCommandLine = throw UnsupportedOperationException()

    open fun createInitializationOptions(): Any? = throw UnsupportedOperationException()

    open val lspCustomization: LspCustomization get() = throw UnsupportedOperationException()
}
