// Read in intellij-community: platform/lsp/src/api/customization/LspCommandsCustomizer.kt at 230e98b3c454de31b38a61e7542c8b6f43e1e600.
package com.intellij.platform.lsp.api.customization

import com.intellij.openapi.vfs.VirtualFile
import com.intellij.platform.lsp.api.LspServer
import org.eclipse.lsp4j.Command

sealed class LspCommandsCustomizer

open class LspCommandsSupport : LspCommandsCustomizer() {
    open fun executeCommand(server: LspServer, contextFile: VirtualFile, command: Command): Unit =
        throw UnsupportedOperationException()
}
