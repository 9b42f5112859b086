package dev.tunesmith.ide.run

import com.intellij.execution.DefaultExecutionResult
import com.intellij.execution.ExecutionResult
import com.intellij.execution.Executor
import com.intellij.execution.configurations.RunProfileState
import com.intellij.execution.filters.TextConsoleBuilderFactory
import com.intellij.execution.runners.ProgramRunner
import com.intellij.openapi.project.Project
import dev.tunesmith.ide.service.FineTuningService
import dev.tunesmith.ide.window.Places
import java.nio.file.Path

/** Builds console and process; the IDE calls this on the UI thread, so nothing is started here. */
internal class FineTuningRunState(
    private val project: Project,
    private val process: (FineTuningService) -> JobProcessHandler,
) : RunProfileState {
    override fun execute(executor: Executor, runner: ProgramRunner<*>): ExecutionResult {
        val service = project.getService(FineTuningService::class.java)
        val builder = TextConsoleBuilderFactory.getInstance().createBuilder(project)
        project.basePath?.let { builder.addFilter(PlaceFilter(Path.of(it), Places(project, service))) }
        val console = builder.console
        val started = process(service)
        console.attachToProcess(started)
        return DefaultExecutionResult(console, started)
    }
}
