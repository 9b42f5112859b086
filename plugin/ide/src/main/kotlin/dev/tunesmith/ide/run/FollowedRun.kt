package dev.tunesmith.ide.run

import com.intellij.execution.Executor
import com.intellij.execution.configurations.RunProfile
import com.intellij.execution.configurations.RunProfileState
import com.intellij.execution.executors.DefaultRunExecutor
import com.intellij.execution.runners.ExecutionEnvironment
import com.intellij.execution.runners.ExecutionEnvironmentBuilder
import com.intellij.openapi.project.Project
import dev.tunesmith.core.protocol.RunSummary
import dev.tunesmith.ide.Icons
import javax.swing.Icon

/** A run that was started before, in a console: by this IDE, another one or on a terminal. */
internal class FollowedRun(private val run: RunSummary) : RunProfile {
    override fun getName(): String = run.name.ifEmpty { run.id }

    override fun getIcon(): Icon = Icons.JOB

    override fun getState(executor: Executor, environment: ExecutionEnvironment): RunProfileState =
        FineTuningRunState(environment.project) { it.follow(run.id) }

    companion object {
        /** Show what [run] prints; Stop, and all else, is as if it had been started here. */
        fun show(project: Project, run: RunSummary) {
            val executor = DefaultRunExecutor.getRunExecutorInstance()
            ExecutionEnvironmentBuilder.createOrNull(project, executor, FollowedRun(run))?.buildAndExecute()
        }
    }
}
