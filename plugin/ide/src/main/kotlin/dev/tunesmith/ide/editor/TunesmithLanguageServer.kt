package dev.tunesmith.ide.editor

import com.intellij.execution.configurations.GeneralCommandLine
import com.intellij.ide.trustedProjects.TrustedProjects
import com.intellij.openapi.project.Project
import com.intellij.openapi.vfs.VirtualFile
import com.intellij.platform.lsp.api.LspServer
import com.intellij.platform.lsp.api.LspServerSupportProvider
import com.intellij.platform.lsp.api.ProjectWideLspServerDescriptor
import com.intellij.platform.lsp.api.customization.LspCommandsCustomizer
import com.intellij.platform.lsp.api.customization.LspCommandsSupport
import com.intellij.platform.lsp.api.customization.LspCustomization
import dev.tunesmith.core.client.ServerCommand
import dev.tunesmith.core.client.ServerNotLocated
import dev.tunesmith.core.launch.JobCommand
import dev.tunesmith.core.launch.RunSettings
import dev.tunesmith.ide.run.RunLauncher
import dev.tunesmith.ide.run.jobOf
import dev.tunesmith.ide.service.FineTuningService
import dev.tunesmith.ide.service.ProjectServer
import dev.tunesmith.ide.window.FineTuningToolWindow
import org.eclipse.lsp4j.Command

/**
 * Help in job files, and inspections in Python, by `tunesmith serve` under the IDE's own support of LSP.
 *
 * It begins once the project's server has answered, so that an interpreter without the runtime makes no noise here: a
 * job file that is opened wakes that server, Python alone does not.
 */
internal class TunesmithLanguageServer : LspServerSupportProvider {
    override fun fileOpened(
        project: Project,
        file: VirtualFile,
        serverStarter: LspServerSupportProvider.LspServerStarter,
    ) {
        if (!isHelped(file) || !TrustedProjects.isProjectTrusted(project)) return
        val service = project.getService(FineTuningService::class.java)
        if (RunSettings.isJobFile(file.name)) service.awake()
        if (!service.isReady) return
        val command = try {
            ProjectServer(project).command()
        } catch (_: ServerNotLocated) {
            return // the tool window says so
        }
        serverStarter.ensureServerStarted(Descriptor(project, command))
    }

    private class Descriptor(project: Project, private val command: ServerCommand) :
        ProjectWideLspServerDescriptor(project, "Tunesmith") {
        override val lspCustomization: LspCustomization = Customization(project)

        override fun isSupportedFile(file: VirtualFile): Boolean = isHelped(file)

        override fun createCommandLine(): GeneralCommandLine = GeneralCommandLine(command.command)
            .withWorkDirectory(command.folder.toString())
            .withEnvironment(command.environment)

        override fun createInitializationOptions(): Any = mapOf(
            "trusted" to command.options.trusted,
            "watchRuns" to false,
        )
    }

    private class Customization(project: Project) : LspCustomization() {
        override val commandsCustomizer: LspCommandsCustomizer = Commands(project)
    }

    /** The commands above a job: the IDE runs it by a run configuration, and shows runs in the tool window. */
    private class Commands(private val project: Project) : LspCommandsSupport() {
        override fun executeCommand(server: LspServer, contextFile: VirtualFile, command: Command) {
            val asked = JobCommand.of(command.command, command.arguments.orEmpty())
            val job = jobOf(contextFile, project)
            when {
                asked == JobCommand.Run && job != null -> RunLauncher(project).runJob(job)

                asked is JobCommand.ShowRuns ->
                    FineTuningToolWindow.show(project) { window -> asked.newest?.let { window.open(it) } }

                else -> super.executeCommand(server, contextFile, command)
            }
        }
    }
}

private fun isHelped(file: VirtualFile) = RunSettings.isJobFile(file.name) || file.name.endsWith(".py")
