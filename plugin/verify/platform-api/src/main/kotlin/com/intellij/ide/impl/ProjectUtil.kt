// Read in intellij-community: platform/platform-impl/src/com/intellij/ide/impl/ProjectUtil.kt at 010939400d2134616cc3511f5faaa4b4293f9e16.
package com.intellij.ide.impl

import com.intellij.openapi.project.Project
import java.nio.file.Path

object ProjectUtil {
    @JvmStatic
    fun openOrImport(path: Path, projectToClose: Project?, forceOpenInNewFrame: Boolean): Project? =
        throw UnsupportedOperationException()
}
