package dev.tunesmith.ide.window

import com.intellij.ide.actions.RevealFileAction
import com.intellij.openapi.application.EDT
import com.intellij.openapi.fileChooser.FileChooser
import com.intellij.openapi.fileChooser.FileChooserDescriptor
import com.intellij.openapi.fileChooser.FileChooserDescriptorFactory
import com.intellij.openapi.fileChooser.FileChooserFactory
import com.intellij.openapi.fileChooser.FileSaverDescriptor
import com.intellij.openapi.options.ShowSettingsUtil
import com.intellij.openapi.project.Project
import com.intellij.openapi.ui.MessageDialogBuilder
import dev.tunesmith.core.launch.RunSettings
import dev.tunesmith.core.protocol.RunSummary
import dev.tunesmith.core.window.IdeHost
import dev.tunesmith.ide.Messages
import dev.tunesmith.ide.debug.DebugService
import dev.tunesmith.ide.notification.Balloons
import dev.tunesmith.ide.notification.offer
import dev.tunesmith.ide.run.FollowedRun
import dev.tunesmith.ide.run.RunLauncher
import dev.tunesmith.ide.service.FineTuningService
import dev.tunesmith.ide.settings.SettingsPage
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import java.nio.file.Path

/** What only the IDE can do for the tool window. */
internal class ProjectIdeHost(private val project: Project, private val service: FineTuningService) : IdeHost {
    private val places = Places(project, service)

    override fun openPlace(file: String, line: Long?) {
        val named = Path.of(file)
        places.open(project.basePath?.let { Path.of(it).resolve(named) } ?: named, line)
    }

    override fun startFrom(run: RunSummary, step: Long): Boolean {
        service.work {
            val settings = RunSettings.startingFrom(run, step, project.basePath)
            withContext(Dispatchers.EDT) { RunLauncher(project).run(settings) }
        }
        return true
    }

    override fun openFolder(path: String) {
        service.work { withContext(Dispatchers.IO) { RevealFileAction.openDirectory(Path.of(path).toFile()) } }
    }

    override fun follow(run: RunSummary) {
        service.work { withContext(Dispatchers.EDT) { FollowedRun.show(project, run) } }
    }

    override fun openSettings() {
        ShowSettingsUtil.getInstance().showSettingsDialog(project, SettingsPage::class.java)
    }

    override fun replay(run: String, step: Long) = project.getService(DebugService::class.java).replay(run, step)

    override suspend fun confirm(title: String, question: String, action: String): Boolean =
        withContext(Dispatchers.EDT) {
            MessageDialogBuilder.yesNo(title, question)
                .yesText(action)
                .noText(Messages.text("confirm.no"))
                .ask(project)
        }

    override suspend fun fileToSave(title: String, name: String): Path? = withContext(Dispatchers.EDT) {
        val dialog = FileChooserFactory.getInstance().createSaveFileDialog(FileSaverDescriptor(title, ""), project)
        dialog.save(project.basePath?.let { Path.of(it) }, name)?.file?.toPath()
    }

    override suspend fun folderToSave(title: String): Path? =
        choose(FileChooserDescriptorFactory.createSingleFolderDescriptor(), title)

    override suspend fun fileToRead(title: String): Path? =
        choose(FileChooserDescriptorFactory.createSingleFileNoJarsDescriptor(), title)

    override fun tell(words: String, isFailure: Boolean, folder: Path?) = Balloons(project).tell(words, isFailure) {
        if (folder != null) it.offer("run.show") { openFolder(folder.toString()) }
    }

    private suspend fun choose(descriptor: FileChooserDescriptor, title: String): Path? = withContext(Dispatchers.EDT) {
        FileChooser.chooseFile(descriptor.withTitle(title), project, null)?.let { Path.of(it.path) }
    }
}
