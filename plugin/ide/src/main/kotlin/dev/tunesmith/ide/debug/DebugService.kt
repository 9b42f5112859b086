package dev.tunesmith.ide.debug

import com.intellij.execution.BeforeRunTask
import com.intellij.execution.ProgramRunnerUtil
import com.intellij.execution.RunManager
import com.intellij.execution.executors.DefaultDebugExecutor
import com.intellij.ide.trustedProjects.TrustedProjects
import com.intellij.openapi.application.EDT
import com.intellij.openapi.application.readAction
import com.intellij.openapi.components.Service
import com.intellij.openapi.module.Module
import com.intellij.openapi.module.ModuleManager
import com.intellij.openapi.project.Project
import com.jetbrains.python.run.PythonConfigurationType
import com.jetbrains.python.run.PythonRunConfiguration
import com.jetbrains.python.sdk.PythonSdkUtil
import dev.tunesmith.core.client.LostReason
import dev.tunesmith.core.client.RequestFailure
import dev.tunesmith.core.client.ServerLost
import dev.tunesmith.core.debug.DebugProgram
import dev.tunesmith.core.failure
import dev.tunesmith.core.launch.RunSettings
import dev.tunesmith.core.launch.StartFrom
import dev.tunesmith.core.launch.newestToStartFrom
import dev.tunesmith.ide.Messages
import dev.tunesmith.ide.notification.Balloons
import dev.tunesmith.ide.run.FineTuningConfiguration
import dev.tunesmith.ide.service.FineTuningService
import dev.tunesmith.ide.settings.ProjectSettings
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import java.nio.file.Path

/** Lets the IDE's Python debugger run a job or a step: by a Python configuration made for this once and not kept. */
@Service(Service.Level.PROJECT)
internal class DebugService(private val project: Project, private val scope: CoroutineScope) {
    private val folder: Path? = project.basePath?.let { Path.of(it) }

    /** The job of [configuration] in one process. */
    fun run(configuration: FineTuningConfiguration) {
        val folder = folder ?: return
        val settings = configuration.settings
        val before = configuration.beforeRunTasks
        scope.launch {
            try {
                val newest = if (settings.from == StartFrom.NEWEST) newest(settings) else null
                debug(configuration.name, DebugProgram.run(settings, folder, newest), before)
            } catch (failure: RequestFailure) {
                refuse(failure)
            }
        }
    }

    /** Step [step] of the run with the id [run] again, exactly; the debugger stops in it. */
    fun replay(run: String, step: Long) {
        val folder = folder ?: return
        val name = Messages.text("debug.replay", run, step)
        scope.launch { debug(name, DebugProgram.replay(run, step, folder), emptyList()) }
    }

    private fun refuse(why: RequestFailure) {
        val title = Messages.text("debug.not-started")
        Balloons(project).tell(Messages.words.failure(why), isFailure = true, title)
    }

    private suspend fun newest(settings: RunSettings): String? {
        val service = project.getService(FineTuningService::class.java)
        service.awake()
        return service.client.newestToStartFrom(settings)
    }

    private suspend fun debug(name: String, program: DebugProgram, before: List<BeforeRunTask<*>>) {
        // Who made the project may have named the interpreter.
        if (!TrustedProjects.isProjectTrusted(project)) return refuse(ServerLost(LostReason.Untrusted))
        val chosen = project.getService(ProjectSettings::class.java).current
        val module = if (chosen.interpreter.isEmpty()) moduleWithPython() else null
        withContext(Dispatchers.EDT) {
            val factory = PythonConfigurationType.getInstance().factory
            val settings = RunManager.getInstance(project).createConfiguration(name, factory)
            (settings.configuration as PythonRunConfiguration).apply {
                setModuleMode(true)
                setScriptName(program.module)
                setScriptParameters(program.parameters)
                setWorkingDirectory(program.folder.toString())
                setEnvs(chosen.environment + program.environment)
                setAddContentRoots(false) // a file of the project must not take the place of one of Python's
                setAddSourceRoots(false)
                setUseModuleSdk(module != null)
                if (module != null) setModule(module) else setSdkHome(chosen.interpreter)
                setBeforeRunTasks(before)
            }
            ProgramRunnerUtil.executeConfiguration(settings, DefaultDebugExecutor.getDebugExecutorInstance())
        }
    }

    private suspend fun moduleWithPython(): Module? = readAction {
        ModuleManager.getInstance(project).modules.firstOrNull { module ->
            PythonSdkUtil.findPythonSdk(module).let { it != null && !PythonSdkUtil.isRemote(it) }
        }
    }
}
