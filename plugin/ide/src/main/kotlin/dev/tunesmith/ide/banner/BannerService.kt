package dev.tunesmith.ide.banner

import com.intellij.ide.trustedProjects.TrustedProjects
import com.intellij.openapi.application.EDT
import com.intellij.openapi.application.readAction
import com.intellij.openapi.components.Service
import com.intellij.openapi.module.ModuleManager
import com.intellij.openapi.options.ShowSettingsUtil
import com.intellij.openapi.project.Project
import com.intellij.openapi.ui.MessageDialogBuilder
import com.intellij.platform.ide.progress.withBackgroundProgress
import com.intellij.ui.EditorNotifications
import com.jetbrains.python.sdk.PythonSdkUtil
import dev.tunesmith.core.environment.BannerHost
import dev.tunesmith.core.environment.BannerModel
import dev.tunesmith.core.environment.BannerState
import dev.tunesmith.core.environment.EnvironmentPlan
import dev.tunesmith.core.environment.Interpreters
import dev.tunesmith.core.environment.Mend
import dev.tunesmith.core.environment.ProcessRunner
import dev.tunesmith.core.environment.ProjectPlans
import dev.tunesmith.core.environment.Wheel
import dev.tunesmith.core.setup.LiveBanner
import dev.tunesmith.ide.Messages
import dev.tunesmith.ide.service.FineTuningService
import dev.tunesmith.ide.service.ProjectPython
import dev.tunesmith.ide.settings.ProjectSettings
import dev.tunesmith.ide.settings.SettingsPage
import dev.tunesmith.ide.wizard.PluginRuntime
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.launch
import java.nio.file.Path
import javax.swing.JComponent

/** Knows what a project lacks for training, and mends it when the user says so; ends with the project or the plugin. */
@Service(Service.Level.PROJECT)
internal class BannerService(private val project: Project, private val scope: CoroutineScope) : BannerHost {
    private val service = project.getService(FineTuningService::class.java)
    private val model = BannerModel(service.client, this, scope, Dispatchers.IO)

    /** What the banner shows. */
    val state: StateFlow<BannerState> get() = model.state

    init {
        model.start()
        scope.launch {
            val visible = state.map { it.banner != null || it.isMending }.distinctUntilChanged()
            visible.collect { EditorNotifications.getInstance(project).updateAllNotifications() }
        }
    }

    private fun mend() {
        follow(model.mend())
    }

    /** Give the project an environment of its own, which [python] makes. */
    suspend fun make(python: Path, wheel: Wheel, folder: Path) {
        follow(model.carryOut(EnvironmentPlan(python, wheel.path, folder.resolve(".venv"), PluginRuntime.uv())))
    }

    /** Let the project have the environment that [python] is in. */
    fun take(python: Path) = follow(model.take(python))

    /** A banner that draws what is missing for as long as it is seen. */
    fun panel(): JComponent = LiveBanner(Messages.words, model.state, scope, ::mend, model::cancel)

    override val isTrusted: Boolean get() = TrustedProjects.isProjectTrusted(project)

    override suspend fun plan(mend: Mend): EnvironmentPlan? {
        if (!isTrusted) return null
        val wheel = PluginRuntime.wheel() ?: return null
        val folder = project.basePath?.let { Path.of(it) } ?: return null
        val interpreters = Interpreters(ProcessRunner(Dispatchers.IO), wheel.path.parent)
        return ProjectPlans(interpreters, wheel, folder.resolve(".venv"), PluginRuntime.path).plan(mend, interpreter())
    }

    override suspend fun use(python: Path): Boolean = ProjectPython(project).run {
        train(python)
        interpret(python)
    }

    override fun choose() {
        scope.launch(Dispatchers.EDT) {
            ShowSettingsUtil.getInstance().showSettingsDialog(project, SettingsPage::class.java)
        }
    }

    override fun trust() {
        scope.launch(Dispatchers.EDT) {
            val question = MessageDialogBuilder.yesNo(Messages.text("trust.title"), Messages.text("trust.question"))
            if (!question.yesText(Messages.text("trust.yes")).asWarning().ask(project)) return@launch
            TrustedProjects.setProjectTrusted(project, true)
        }
    }

    private suspend fun interpreter(): Path? = readAction {
        val chosen = project.getService(ProjectSettings::class.java).current.interpreter
        val sdks = ModuleManager.getInstance(project).modules.mapNotNull { PythonSdkUtil.findPythonSdk(it) }
        val own = sdks.filterNot { PythonSdkUtil.isRemote(it) }.firstNotNullOfOrNull { it.homePath }
        chosen.ifEmpty { own }?.let { Path.of(it) }
    }

    private fun follow(mending: Job?) {
        if (mending == null) return
        scope.launch {
            withBackgroundProgress(project, Messages.text("banner.progress"), true) {
                try {
                    mending.join()
                } finally {
                    mending.cancel()
                }
            }
        }
    }
}
