// Read in intellij-community: platform/lsp/src/api/LspServer.kt at 0d756ce25492936f431ce64650c9fff6046a34f0.
package com.intellij.platform.lsp.api

interface LspServer : LspClient
