package dev.tunesmith.ide.service

import com.intellij.ide.trustedProjects.TrustedProjects
import com.intellij.openapi.application.readAction
import com.intellij.openapi.module.ModuleManager
import com.intellij.openapi.project.Project
import com.jetbrains.python.sdk.PythonSdkUtil
import dev.tunesmith.core.client.LostReason
import dev.tunesmith.core.client.ServerCommand
import dev.tunesmith.core.client.ServerLocator
import dev.tunesmith.core.client.ServerNotLocated
import dev.tunesmith.core.protocol.ClientOptions
import dev.tunesmith.ide.Messages
import dev.tunesmith.ide.settings.ProjectSettings
import java.nio.file.Path

/** The server of a project's interpreter: the one from the settings, else the first Python of its modules. */
internal class ProjectServer(private val project: Project) : ServerLocator {
    override suspend fun locate(): ServerCommand = readAction { command() }

    /** The same, for those who hold the read lock. */
    fun command(): ServerCommand {
        val settings = project.getService(ProjectSettings::class.java).current
        val interpreter = settings.interpreter.ifEmpty { interpreterOfModules() }
        val folder = project.basePath ?: throw ServerNotLocated(LostReason.NoInterpreter)
        val trusted = TrustedProjects.isProjectTrusted(project)
        val options = ClientOptions(trusted = trusted, updatesPerSecond = settings.updatesPerSecond.toLong())
        val locale = Messages.words.locale
        return ServerCommand.of(Path.of(interpreter), Path.of(folder), options, settings.environment, locale)
    }

    private fun interpreterOfModules(): String {
        val sdks = ModuleManager.getInstance(project).modules.mapNotNull { PythonSdkUtil.findPythonSdk(it) }
        val local = sdks.filterNot { PythonSdkUtil.isRemote(it) }.firstNotNullOfOrNull { it.homePath }
        return local
            ?: throw ServerNotLocated(if (sdks.isEmpty()) LostReason.NoInterpreter else LostReason.RemoteInterpreter)
    }
}
