package dev.tunesmith.ide.notification

import com.intellij.notification.Notification
import com.intellij.notification.NotificationAction
import com.intellij.notification.NotificationGroupManager
import com.intellij.notification.NotificationType
import com.intellij.openapi.project.Project
import dev.tunesmith.core.swing.escaped
import dev.tunesmith.ide.Messages

/** What is said beside the user's work, letter by letter: the IDE reads balloons as HTML. */
internal class Balloons(private val project: Project) {
    fun tell(words: String, isFailure: Boolean, title: String = "", more: (Notification) -> Unit = {}) {
        val type = if (isFailure) NotificationType.WARNING else NotificationType.INFORMATION
        NotificationGroupManager.getInstance()
            .getNotificationGroup("Tunesmith")
            .createNotification(escaped(title), escaped(words), type)
            .also(more)
            .notify(project)
    }
}

/** One more thing to click on, with the words at [key]; the balloon is gone then. */
internal fun Notification.offer(key: String, what: () -> Unit) {
    addAction(NotificationAction.createSimpleExpiring(Messages.text(key), what))
}
