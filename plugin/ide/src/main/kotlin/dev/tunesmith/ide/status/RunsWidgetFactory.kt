package dev.tunesmith.ide.status

import com.intellij.openapi.project.Project
import com.intellij.openapi.wm.StatusBar
import com.intellij.openapi.wm.StatusBarWidget
import com.intellij.openapi.wm.StatusBarWidgetFactory
import dev.tunesmith.ide.Messages

/** The progress of the runs at work, in the status bar. */
internal class RunsWidgetFactory : StatusBarWidgetFactory {
    override fun getId(): String = RunsWidget.ID

    override fun getDisplayName(): String = Messages.text("widget.name")

    override fun isAvailable(project: Project): Boolean = true

    override fun createWidget(project: Project): StatusBarWidget = RunsWidget(project)

    override fun disposeWidget(widget: StatusBarWidget) = widget.dispose()

    override fun canBeEnabledOn(statusBar: StatusBar): Boolean = true
}
