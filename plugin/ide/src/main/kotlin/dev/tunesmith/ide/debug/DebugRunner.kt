package dev.tunesmith.ide.debug

import com.intellij.execution.configurations.RunProfile
import com.intellij.execution.configurations.RunnerSettings
import com.intellij.execution.executors.DefaultDebugExecutor
import com.intellij.execution.runners.ExecutionEnvironment
import com.intellij.execution.runners.ProgramRunner
import dev.tunesmith.ide.run.FineTuningConfiguration

/** Debug on a run configuration "Fine-tuning": the same job in one process, under the IDE's Python debugger. */
internal class DebugRunner : ProgramRunner<RunnerSettings> {
    override fun getRunnerId(): String = "TunesmithDebug"

    override fun canRun(executorId: String, profile: RunProfile): Boolean =
        executorId == DefaultDebugExecutor.EXECUTOR_ID && profile is FineTuningConfiguration

    override fun execute(environment: ExecutionEnvironment) {
        val configuration = environment.runProfile as? FineTuningConfiguration ?: return
        environment.project.getService(DebugService::class.java).run(configuration)
    }
}
