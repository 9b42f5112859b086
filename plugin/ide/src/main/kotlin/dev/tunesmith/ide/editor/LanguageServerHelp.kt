package dev.tunesmith.ide.editor

import com.intellij.openapi.project.Project
import com.intellij.platform.lsp.api.LspServerManager

/** Starts and restarts the language server of a project. */
internal class LanguageServerHelp(private val project: Project) : EditorHelp {
    override fun begin() {
        LspServerManager.getInstance(project).startServersIfNeeded(TunesmithLanguageServer::class.java)
    }

    override fun renew() {
        LspServerManager.getInstance(project).stopAndRestartIfNeeded(TunesmithLanguageServer::class.java)
    }
}
