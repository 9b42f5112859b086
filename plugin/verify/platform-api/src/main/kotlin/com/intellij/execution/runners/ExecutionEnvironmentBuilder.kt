// Read in intellij-community: platform/execution/src/com/intellij/execution/runners/ExecutionEnvironmentBuilder.kt at 69adc6318a3a9c103ca93c74eda4d24b76d117f8.
package com.intellij.execution.runners

import com.intellij.execution.ExecutionException
import com.intellij.execution.Executor
import com.intellij.execution.configurations.RunProfile
import com.intellij.openapi.project.Project

class ExecutionEnvironmentBuilder private constructor() {
    @Throws(ExecutionException::class)
    fun buildAndExecute(): Unit = throw UnsupportedOperationException()

    companion object {
        @JvmStatic
        fun createOrNull(project: Project, executor: Executor, runProfile: RunProfile): ExecutionEnvironmentBuilder? =
            throw UnsupportedOperationException()
    }
}
