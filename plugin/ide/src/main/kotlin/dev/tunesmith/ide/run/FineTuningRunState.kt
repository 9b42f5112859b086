package dev.tunesmith.ide.run

import com.intellij.execution.DefaultExecutionResult
import com.intellij.execution.ExecutionResult
import com.intellij.execution.Executor
import com.intellij.execution.configurations.RunProfileState
import com.intellij.execution.filters.TextConsoleBuilderFactory
import com.intellij.execution.runners.ProgramRunner
import com.intellij.openapi.project.Project
import dev.tunesmith.core.launch.RunSettings
import dev.tunesmith.ide.service.FineTuningService

/** Builds console and process; the IDE calls this on the UI thread, so nothing is started here. */
internal class FineTuningRunState(private val project: Project, private val settings: RunSettings) : RunProfileState {
    override fun execute(executor: Executor, runner: ProgramRunner<*>): ExecutionResult {
        val console = TextConsoleBuilderFactory.getInstance().createBuilder(project).console
        val process = project.getService(FineTuningService::class.java).process(settings)
        console.attachToProcess(process)
        return DefaultExecutionResult(console, process)
    }
}
