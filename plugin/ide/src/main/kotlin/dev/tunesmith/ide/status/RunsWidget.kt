package dev.tunesmith.ide.status

import com.intellij.openapi.project.Project
import com.intellij.openapi.wm.StatusBar
import com.intellij.openapi.wm.StatusBarWidget
import com.intellij.util.Consumer
import dev.tunesmith.core.runs.RunsStatus
import dev.tunesmith.core.swing.tip
import dev.tunesmith.ide.Messages
import dev.tunesmith.ide.service.FineTuningService
import dev.tunesmith.ide.window.FineTuningToolWindow
import kotlinx.coroutines.Job
import java.awt.event.MouseEvent

/** Empty while nothing is at work; a click opens the tool window. */
internal class RunsWidget(private val project: Project) :
    StatusBarWidget,
    StatusBarWidget.TextPresentation {
    private var status = RunsStatus()
    private var watching: Job? = null

    override fun ID(): String = ID

    override fun getPresentation(): StatusBarWidget.WidgetPresentation = this

    override fun install(statusBar: StatusBar) {
        val service = project.getService(FineTuningService::class.java)
        watching = service.watch({ RunsStatus.of(it, Messages.words) }) {
            status = it
            statusBar.updateWidget(ID)
        }
    }

    override fun getText(): String = status.text

    override fun getTooltipText(): String = tip(status.details) ?: Messages.text("widget.name")

    override fun getAlignment(): Float = CENTRE

    override fun getClickConsumer(): Consumer<MouseEvent> = Consumer { FineTuningToolWindow.show(project) }

    override fun dispose() {
        watching?.cancel()
    }

    companion object {
        const val ID: String = "TunesmithRuns"
        private const val CENTRE = 0.5f
    }
}
