package dev.tunesmith.ide.window

import com.intellij.openapi.application.EDT
import com.intellij.openapi.fileEditor.OpenFileDescriptor
import com.intellij.openapi.project.Project
import com.intellij.openapi.vfs.LocalFileSystem
import dev.tunesmith.ide.Messages
import dev.tunesmith.ide.notification.Balloons
import dev.tunesmith.ide.service.FineTuningService
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import java.nio.file.Path

/** Opens files in the editor; what is not there is said to be so. */
internal class Places(private val project: Project, private val service: FineTuningService) {
    /** Open [file] at [line], from 1; null leaves the caret where it was. From any thread. */
    fun open(file: Path, line: Long?) {
        service.work {
            val found = withContext(Dispatchers.IO) { LocalFileSystem.getInstance().refreshAndFindFileByNioFile(file) }
            if (found == null) {
                Balloons(project).tell(Messages.text("place.missing", file.toString()), isFailure = true)
            } else {
                val at = if (line == null) -1 else (line - 1).coerceIn(0, Int.MAX_VALUE.toLong()).toInt()
                withContext(Dispatchers.EDT) { OpenFileDescriptor(project, found, at, 0).navigate(true) }
            }
        }
    }
}
