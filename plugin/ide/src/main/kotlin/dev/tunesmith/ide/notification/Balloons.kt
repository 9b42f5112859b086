package dev.tunesmith.ide.notification

import com.intellij.notification.Notification
import com.intellij.notification.NotificationGroupManager
import com.intellij.notification.NotificationType
import com.intellij.openapi.project.Project

/** What is said beside the user's work. */
internal class Balloons(private val project: Project) {
    fun tell(words: String, isFailure: Boolean, title: String = "", more: (Notification) -> Unit = {}) {
        val type = if (isFailure) NotificationType.WARNING else NotificationType.INFORMATION
        NotificationGroupManager.getInstance()
            .getNotificationGroup("Tunesmith")
            .createNotification(title, words, type)
            .also(more)
            .notify(project)
    }
}
