// Read in intellij-community: platform/lsp/src/api/customization/LspCustomization.kt at 189eef3b7ce423855e3b39d3dbca06dac5bff8b7.
package com.intellij.platform.lsp.api.customization

open class LspCustomization {
    open val commandsCustomizer: LspCommandsCustomizer get() = throw UnsupportedOperationException()
}
