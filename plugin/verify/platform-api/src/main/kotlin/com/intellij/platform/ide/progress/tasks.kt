// Read in intellij-community: platform/progress/shared/src/tasks.kt at 6afbd9e07686abafd39a2dbcbe5121db4bfb2a31.
package com.intellij.platform.ide.progress

import com.intellij.openapi.project.Project
import kotlinx.coroutines.CoroutineScope

suspend fun <T> withBackgroundProgress(
    project: Project,
    title: String,
    cancellable: Boolean,
    action: suspend CoroutineScope.() -> T,
): T = throw UnsupportedOperationException()
