package dev.tunesmith.ide.wizard

import com.intellij.openapi.actionSystem.AnAction
import com.intellij.openapi.actionSystem.AnActionEvent
import com.intellij.openapi.application.ApplicationManager
import com.intellij.openapi.project.DumbAware

/** File | New | Fine-Tuning Project…, on the welcome screen and in Search Everywhere too. */
internal class NewProjectAction :
    AnAction(),
    DumbAware {
    override fun actionPerformed(event: AnActionEvent) {
        ApplicationManager.getApplication().getService(WizardService::class.java).open(event.project)
    }
}
