package dev.tunesmith.ide.window

import com.intellij.openapi.project.DumbAware
import com.intellij.openapi.project.Project
import com.intellij.openapi.wm.ToolWindow
import com.intellij.openapi.wm.ToolWindowFactory
import com.intellij.openapi.wm.ToolWindowManager
import com.intellij.ui.content.ContentFactory
import dev.tunesmith.core.window.FineTuningWindow
import dev.tunesmith.ide.Messages
import dev.tunesmith.ide.banner.BannerService
import dev.tunesmith.ide.service.FineTuningService
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.asExecutor
import java.awt.BorderLayout
import java.time.ZoneId
import javax.swing.JComponent
import javax.swing.JPanel
import javax.swing.SwingUtilities

/** The tool window: a place for the window that knows no IDE. */
internal class FineTuningToolWindow :
    ToolWindowFactory,
    DumbAware {
    override fun createToolWindowContent(project: Project, toolWindow: ToolWindow) {
        val service = project.getService(FineTuningService::class.java)
        service.awake() // the server lists the runs while the window is built
        val window = FineTuningWindow(
            Messages.words,
            ZoneId.systemDefault(),
            service.client,
            service.runs,
            ProjectIdeHost(project, service),
            background = Dispatchers.Default.asExecutor(),
            onUi = { SwingUtilities.invokeLater(it) },
        )
        val shown = service.work { window.start(this) }
        val banner = project.getService(BannerService::class.java).panel()
        val content = ContentFactory.getInstance().createContent(Page(banner, window), null, false)
        content.setDisposer { shown.cancel() }
        toolWindow.contentManager.addContent(content)
    }

    /** The window with what is missing above it. */
    private class Page(banner: JComponent, val window: FineTuningWindow) : JPanel(BorderLayout()) {
        init {
            add(banner, BorderLayout.NORTH)
            add(window, BorderLayout.CENTER)
        }
    }

    companion object {
        private const val ID = "Fine-Tuning"

        /** Show the tool window, then do [what] with what is in it. On the UI thread. */
        fun show(project: Project, what: (FineTuningWindow) -> Unit = {}) {
            val toolWindow = ToolWindowManager.getInstance(project).getToolWindow(ID) ?: return
            toolWindow.activate {
                toolWindow.contentManager.contents.firstNotNullOfOrNull { (it.component as? Page)?.window }?.let(what)
            }
        }
    }
}
