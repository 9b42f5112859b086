package dev.tunesmith.ide.wizard

import com.intellij.notification.NotificationGroupManager
import com.intellij.notification.NotificationType
import com.intellij.openapi.application.EDT
import com.intellij.openapi.components.Service
import com.intellij.openapi.project.Project
import dev.tunesmith.core.environment.WizardSession
import dev.tunesmith.core.wizard.WizardEvent
import dev.tunesmith.ide.Messages
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancelChildren
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import java.nio.file.Path

/** Opens the wizard and sees to what comes of it; everything ends with the IDE or the plugin. */
@Service(Service.Level.APP)
internal class WizardService(private val scope: CoroutineScope) {
    /**
     * Open the wizard.
     *
     * @param inside The project that the folder will lie in; null opens the new folder as a project of its own.
     * @param folder Where it is to be made, until the user chooses otherwise.
     */
    fun open(project: Project?, folder: Path? = null) {
        scope.launch { run(project, folder) }
    }

    private suspend fun run(project: Project?, folder: Path?) {
        val wheel = PluginRuntime.wheel()
        if (wheel == null) {
            val words = Messages.text("wizard.no-wheel")
            NotificationGroupManager.getInstance()
                .getNotificationGroup("Tunesmith")
                .createNotification(Messages.text("wizard.title"), words, NotificationType.WARNING)
                .notify(project)
            return
        }
        val finished = coroutineScope {
            val session = WizardSession(
                wheel,
                PluginRuntime.cache,
                PluginRuntime.path,
                PluginRuntime.known(),
                this,
                Dispatchers.IO,
            )
            val place = folder ?: Path.of(System.getProperty("user.home"), "PyCharmProjects", "fine-tuning")
            session.start(listOf(WizardEvent.ChoosePlace(place.toString(), "")))
            val dialog = launch(Dispatchers.EDT) { WizardDialog(project, session, this@coroutineScope).show() }
            dialog.join()
            val ended = session.state.value
            coroutineContext.cancelChildren()
            FinishedWizard.of(ended)
        } ?: return
        NewProject(finished, wheel).open(project.takeIf { folder != null })
    }
}
