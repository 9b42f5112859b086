package dev.tunesmith.ide.editor

import com.intellij.openapi.project.Project
import com.intellij.platform.lsp.api.LspServerManager
import com.intellij.platform.lsp.api.LspServerState

/** Starts and restarts the language server of a project. */
internal class LanguageServerHelp(private val project: Project) : EditorHelp {
    override val isRunning: Boolean
        get() = LspServerManager.getInstance(project).getServersForProvider(TunesmithLanguageServer::class.java)
            .any { it.state == LspServerState.Running }

    override fun begin() {
        LspServerManager.getInstance(project).startServersIfNeeded(TunesmithLanguageServer::class.java)
    }

    override fun renew() {
        LspServerManager.getInstance(project).stopAndRestartIfNeeded(TunesmithLanguageServer::class.java)
    }
}
