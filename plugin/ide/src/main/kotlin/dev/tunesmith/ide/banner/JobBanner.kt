package dev.tunesmith.ide.banner

import com.intellij.openapi.fileEditor.FileEditor
import com.intellij.openapi.project.DumbAware
import com.intellij.openapi.project.Project
import com.intellij.openapi.vfs.VirtualFile
import com.intellij.ui.EditorNotificationProvider
import dev.tunesmith.core.launch.RunSettings
import java.util.function.Function
import javax.swing.JComponent

/** The banner above job files. */
internal class JobBanner :
    EditorNotificationProvider,
    DumbAware {
    override fun collectNotificationData(
        project: Project,
        file: VirtualFile,
    ): Function<in FileEditor, out JComponent?>? {
        if (!RunSettings.isJobFile(file.name)) return null
        val service = project.getService(BannerService::class.java)
        val now = service.state.value
        if (now.banner == null && !now.isMending) return null
        return Function { service.panel() }
    }
}
