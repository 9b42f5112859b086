// Read in intellij-community: platform/lsp/src/api/LspServerManager.kt at 0123c17748d695eca6570ec1886353a6e81b397b.
package com.intellij.platform.lsp.api

import com.intellij.openapi.project.Project

interface LspServerManager {
    fun getServersForProvider(providerClass: Class<out LspServerSupportProvider>): Collection<LspServer>

    fun startServersIfNeeded(providerClass: Class<out LspServerSupportProvider>)

    fun stopAndRestartIfNeeded(providerClass: Class<out LspServerSupportProvider>)

    companion object {
        @JvmStatic
        fun getInstance(project: Project): LspServerManager = throw UnsupportedOperationException()
    }
}
