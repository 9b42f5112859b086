package dev.tunesmith.ide.wizard

import com.intellij.openapi.fileChooser.FileChooser
import com.intellij.openapi.fileChooser.FileChooserDescriptorFactory
import com.intellij.openapi.project.Project
import com.intellij.openapi.ui.DialogWrapper
import dev.tunesmith.core.environment.WizardSession
import dev.tunesmith.core.setup.SetupIntent
import dev.tunesmith.core.setup.WizardWindow
import dev.tunesmith.core.wizard.Loaded
import dev.tunesmith.core.wizard.WizardEvent
import dev.tunesmith.core.wizard.WizardFiles
import dev.tunesmith.ide.Messages
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.launch
import java.nio.file.Path
import java.util.concurrent.Executor
import javax.swing.JComponent
import javax.swing.SwingUtilities

/**
 * The window around the wizard's pages; they have buttons of their own. It draws what [session] says, also while it is
 * modal, and touches nothing of the IDE's models.
 */
internal class WizardDialog(private val project: Project?, private val session: WizardSession, scope: CoroutineScope) :
    DialogWrapper(project) {
    private val files = object : WizardFiles {
        override fun data(now: String): String? = choose("wizard.choose-data", isFolder = false)

        override fun folder(now: String): String? = choose("wizard.choose-folder", isFolder = true)
    }
    private val folder = PluginRuntime.cache.resolve("python").toString()
    private val window = WizardWindow(Messages.words, folder, files, ::prepare, session::send)
    private val drawing: Job

    init {
        setTitle(Messages.text("wizard.title"))
        init()
        // Swing's own queue: the IDE's waits for windows that are modal, and this one is.
        val ui = Executor { SwingUtilities.invokeLater(it) }.asCoroutineDispatcher()
        drawing = scope.launch(ui) {
            session.state.collect { now ->
                window.show(now)
                val wizard = now.wizard
                if (wizard?.isCancelled == true) close(CANCEL_EXIT_CODE)
                if (wizard?.project is Loaded.Ready) close(OK_EXIT_CODE)
            }
        }
    }

    override fun createCenterPanel(): JComponent = window

    override fun createSouthPanel(): JComponent? = null

    override fun getPreferredFocusedComponent(): JComponent = window.first

    override fun doCancelAction() {
        session.setup.cancel()
        session.send(WizardEvent.Cancel)
        close(CANCEL_EXIT_CODE)
        drawing.cancel()
    }

    private fun prepare(intent: SetupIntent) {
        when (intent) {
            is SetupIntent.Choose -> session.setup.choose(Path.of(intent.path))

            SetupIntent.Browse ->
                choose("wizard.choose-python", isFolder = false)?.let { session.setup.choose(Path.of(it)) }

            SetupIntent.Make -> session.setup.make()

            SetupIntent.CancelMaking -> session.setup.cancel()

            SetupIntent.Close -> doCancelAction()
        }
    }

    private fun choose(title: String, isFolder: Boolean): String? {
        val descriptor = if (isFolder) {
            FileChooserDescriptorFactory.createSingleFolderDescriptor()
        } else {
            FileChooserDescriptorFactory.createSingleFileOrFolderDescriptor()
        }
        return FileChooser.chooseFile(descriptor.withTitle(Messages.text(title)), project, null)?.path
    }
}
