package dev.tunesmith.core.environment

import dev.tunesmith.core.support.await
import dev.tunesmith.core.support.python
import dev.tunesmith.core.support.wheel
import dev.tunesmith.core.wizard.Loaded
import dev.tunesmith.core.wizard.WizardEvent
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancelChildren
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Path
import kotlin.io.path.exists
import kotlin.io.path.isRegularFile
import kotlin.io.path.writeText

@Timeout(300)
internal class WizardSessionTest {
    @TempDir
    lateinit var folder: Path

    @Test
    fun `from a Python with the runtime to a project, with nothing in its place before Finish`() {
        val data = folder.resolve("messages.csv").apply {
            val rows = (1..40).joinToString("") { "text number $it,${if (it % 2 == 0) "a" else "b"}\n" }
            writeText("message,category\n$rows")
        }
        val project = folder.resolve("project")
        runBlocking(Dispatchers.Default) {
            val session = WizardSession(wheel, folder.resolve("cache"), "", listOf(python), this, Dispatchers.IO)
            session.start(listOf(WizardEvent.ChoosePlace("$project", "messages")))
            session.state.await<SessionState> { it.wizard?.catalog is Loaded.Ready }
            session.send(WizardEvent.ChooseData("$data"))
            session.state.await<SessionState> { it.wizard?.preview is Loaded.Ready }
            session.send(WizardEvent.ChooseModel("scratch"))
            assertFalse(project.exists())
            session.send(WizardEvent.Finish)
            val made = session.state.await<SessionState> { now ->
                now.wizard?.project.let { it is Loaded.Ready || it is Loaded.Failed }
            }
            val result = (made.wizard?.project as? Loaded.Ready)?.value ?: error("${made.wizard?.project}")
            assertEquals(project.toRealPath(), Path.of(result.folder).toRealPath())
            assertEquals(true, Path.of(result.job).isRegularFile())
            coroutineContext.cancelChildren()
        }
    }
}
