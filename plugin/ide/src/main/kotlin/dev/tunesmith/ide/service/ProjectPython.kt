package dev.tunesmith.ide.service

import com.intellij.openapi.application.EDT
import com.intellij.openapi.project.Project
import com.intellij.openapi.projectRoots.Sdk
import com.intellij.openapi.projectRoots.impl.SdkConfigurationUtil
import com.intellij.openapi.vfs.LocalFileSystem
import com.jetbrains.python.sdk.PythonSdkType
import com.jetbrains.python.sdk.PythonSdkUtil
import dev.tunesmith.ide.settings.ProjectSettings
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import java.nio.file.Path

/** The Python of a project: the one that trains, and the IDE's interpreter for it. */
internal class ProjectPython(private val project: Project) {
    /** [python] trains from now on. From any thread. */
    fun train(python: Path) {
        val settings = project.getService(ProjectSettings::class.java)
        settings.current = settings.current.copy(interpreter = python.toString())
    }

    /** [python] is the project's interpreter from now on; false where the IDE does not take it, as its log says. */
    suspend fun interpret(python: Path): Boolean {
        val sdk = PythonSdkUtil.getAllSdks().firstOrNull { it.homePath == python.toString() } ?: made(python)
        if (sdk != null) withContext(Dispatchers.EDT) { SdkConfigurationUtil.setDirectoryProjectSdk(project, sdk) }
        return sdk != null
    }

    /** Asks the Python for its version and its folders, which takes its time. */
    private suspend fun made(python: Path): Sdk? {
        val sdk = withContext(Dispatchers.IO) {
            val home = LocalFileSystem.getInstance().refreshAndFindFileByNioFile(python) ?: return@withContext null
            val known = PythonSdkUtil.getAllSdks().toTypedArray()
            SdkConfigurationUtil.setupSdk(known, home, PythonSdkType.getInstance(), true, null, null)
        } ?: return null
        withContext(Dispatchers.EDT) { SdkConfigurationUtil.addSdk(sdk) }
        return sdk
    }
}
