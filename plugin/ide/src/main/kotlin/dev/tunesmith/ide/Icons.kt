package dev.tunesmith.ide

import com.intellij.openapi.util.IconLoader
import javax.swing.Icon

/** Our icons; a file with `_dark` beside each is taken in dark themes. */
internal object Icons {
    @JvmField
    val JOB: Icon = IconLoader.getIcon("/icons/job.svg", Icons::class.java)
}
