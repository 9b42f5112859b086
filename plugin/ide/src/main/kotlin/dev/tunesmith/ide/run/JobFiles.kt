package dev.tunesmith.ide.run

import com.intellij.openapi.project.Project
import com.intellij.openapi.vfs.VirtualFile
import dev.tunesmith.core.launch.RunSettings

/** The job that [file] is, as run configurations of [project] keep it; null where it is none. */
internal fun jobOf(file: VirtualFile?, project: Project): String? {
    if (file == null || file.isDirectory || !file.isInLocalFileSystem || !RunSettings.isJobFile(file.name)) return null
    return RunSettings.storedPath(file.path, project.basePath)
}
