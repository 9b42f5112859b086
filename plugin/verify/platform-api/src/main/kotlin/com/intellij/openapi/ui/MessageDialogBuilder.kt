// Read in intellij-community: platform/platform-api/src/com/intellij/openapi/ui/MessageDialogBuilder.kt at 0b008b9943269541bd9483eb781202cf2e2366ef.
package com.intellij.openapi.ui

import com.intellij.openapi.project.Project

sealed class MessageDialogBuilder<T : MessageDialogBuilder<T>> {
    fun yesText(yesText: String): T = throw UnsupportedOperationException()

    fun noText(noText: String): T = throw UnsupportedOperationException()

    fun asWarning(): T = throw UnsupportedOperationException()

    class YesNo internal constructor() : MessageDialogBuilder<YesNo>() {
        fun ask(project: Project?): Boolean = throw UnsupportedOperationException()
    }

    companion object {
        @JvmStatic
        fun yesNo(title: String, message: String): YesNo = throw UnsupportedOperationException()
    }
}
