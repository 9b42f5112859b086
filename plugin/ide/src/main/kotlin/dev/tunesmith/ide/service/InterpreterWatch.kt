package dev.tunesmith.ide.service

import com.intellij.openapi.project.Project
import com.intellij.openapi.roots.ModuleRootEvent
import com.intellij.openapi.roots.ModuleRootListener

/** Notices a new interpreter: PyCharm sets it up after the project is open, and users choose another one. */
internal class InterpreterWatch(private val project: Project) : ModuleRootListener {
    override fun rootsChanged(event: ModuleRootEvent) = project.getService(FineTuningService::class.java).rootsChanged()
}
