// Read in intellij-community: platform/lsp/src/api/LspClient.kt at 2a215a8c941fa96601407560d420270baaf28a61.
package com.intellij.platform.lsp.api

interface LspClient {
    val state: LspServerState
}
