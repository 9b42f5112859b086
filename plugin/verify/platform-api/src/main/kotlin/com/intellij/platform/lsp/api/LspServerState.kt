// Read in intellij-community: platform/lsp/src/api/LspServerState.kt at 1b2385f05e4f7d46e7791acb52d0d6cf127e1b3a.
package com.intellij.platform.lsp.api

enum class LspServerState { Initializing, Running, ShutdownNormally, ShutdownUnexpectedly }
