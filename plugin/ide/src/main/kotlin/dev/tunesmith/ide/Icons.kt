package dev.tunesmith.ide

import com.intellij.openapi.util.IconLoader
import javax.swing.Icon

/** Our icons; a file with `_dark` beside each is taken in dark themes, one in `expui` in the new UI. */
internal object Icons {
    @JvmField
    val JOB: Icon = IconLoader.getIcon("/icons/job.svg", Icons::class.java)

    @JvmField
    val RUN_JOB: Icon = IconLoader.getIcon("/icons/gutter.svg", Icons::class.java)
}
