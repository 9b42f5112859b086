package dev.tunesmith.ide.service

import com.intellij.ide.trustedProjects.TrustedProjects
import com.intellij.openapi.project.Project
import com.intellij.openapi.startup.ProjectActivity
import dev.tunesmith.core.launch.ProjectSigns
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import java.nio.file.Path

/** Finds the runs again when a project is opened; other projects, and those that are not trusted, start nothing. */
internal class FineTuningStartup : ProjectActivity {
    override suspend fun execute(project: Project) {
        val folder = project.basePath ?: return
        if (!TrustedProjects.isProjectTrusted(project)) return
        val found = withContext(Dispatchers.IO) { ProjectSigns.found(Path.of(folder)) }
        if (found) project.getService(FineTuningService::class.java).awake()
    }
}
