package dev.tunesmith.ide.service

import com.intellij.openapi.project.Project
import com.intellij.openapi.startup.ProjectActivity

/** Finds the runs again when a project is opened. */
internal class FineTuningStartup : ProjectActivity {
    override suspend fun execute(project: Project) = project.getService(FineTuningService::class.java).wakeWhereRuns()
}
