package dev.tunesmith.ide.editor

import com.intellij.openapi.project.Project

/** Help in editors by the IDE's own support of LSP; IDEs without it have none of these. */
internal interface EditorHelp {
    /** Whether help is given now; not where a project is not trusted, or has no runtime yet. */
    val isRunning: Boolean

    /** There is a runtime that answers: help may begin in the files that are open. */
    fun begin()

    /** Interpreter or trust changed. */
    fun renew()

    companion object {
        /** Null where the IDE has no support of LSP. */
        fun of(project: Project): EditorHelp? = project.getService(EditorHelp::class.java)
    }
}
