package dev.tunesmith.ide.run

import com.intellij.execution.lineMarker.RunLineMarkerContributor
import com.intellij.openapi.project.DumbAware
import com.intellij.psi.PsiElement
import dev.tunesmith.core.launch.RunSettings
import dev.tunesmith.ide.Icons

/** The gutter icon on the first line of a job file: of YAML or, where the IDE has none, of plain text. */
internal class JobLineMarker :
    RunLineMarkerContributor(),
    DumbAware {
    override fun getInfo(element: PsiElement): Info? {
        val isFirstLeaf = element.firstChild == null && element.textOffset == 0
        val file = (if (isFirstLeaf) element.containingFile?.virtualFile else null) ?: return null
        return if (RunSettings.isJobFile(file.name)) withExecutorActions(Icons.RUN_JOB) else null
    }
}
