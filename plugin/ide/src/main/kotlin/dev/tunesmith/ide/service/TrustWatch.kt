package dev.tunesmith.ide.service

import com.intellij.ide.trustedProjects.TrustedProjectsListener
import com.intellij.openapi.project.Project

/** Notices that the user has decided about a project, wherever they did so. */
internal class TrustWatch : TrustedProjectsListener {
    override fun onProjectTrusted(project: Project) = decided(project)

    override fun onProjectUntrusted(project: Project) = decided(project)

    private fun decided(project: Project) = project.getService(FineTuningService::class.java).trustChanged()
}
