package dev.tunesmith.ide.service

import com.intellij.ide.trustedProjects.TrustedProjects
import com.intellij.openapi.application.readAction
import com.intellij.openapi.module.ModuleManager
import com.intellij.openapi.project.Project
import com.jetbrains.python.sdk.PythonSdkUtil
import dev.tunesmith.core.client.PluginSettings
import dev.tunesmith.core.client.ProjectHost
import dev.tunesmith.core.client.ProjectInterpreter
import dev.tunesmith.core.client.ServerCommand
import dev.tunesmith.core.client.ServerLocator
import dev.tunesmith.core.client.serverOf
import dev.tunesmith.ide.Messages
import dev.tunesmith.ide.settings.ProjectSettings
import java.nio.file.Path

/** Where the server of a project is, by what the IDE knows of it. */
internal class ProjectServer(private val project: Project) :
    ServerLocator,
    ProjectHost {
    override val isTrusted: Boolean get() = TrustedProjects.isProjectTrusted(project)
    override val folder: Path? get() = project.basePath?.let { Path.of(it) }
    override val settings: PluginSettings get() = project.getService(ProjectSettings::class.java).current

    override suspend fun locate(): ServerCommand = readAction { command() }

    /** The same, for those who hold the read lock. */
    fun command(): ServerCommand = serverOf(this, Messages.words.locale)

    override fun interpreters(): List<ProjectInterpreter> =
        ModuleManager.getInstance(project).modules.mapNotNull { PythonSdkUtil.findPythonSdk(it) }
            .map { ProjectInterpreter(it.homePath, PythonSdkUtil.isRemote(it)) }
}
