package dev.tunesmith.core.wizard

import dev.tunesmith.core.client.Limits
import dev.tunesmith.core.protocol.JobParams
import dev.tunesmith.core.protocol.Methods
import dev.tunesmith.core.support.await
import dev.tunesmith.core.support.ready
import dev.tunesmith.core.support.real
import dev.tunesmith.core.support.withClient
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.job
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Path
import kotlin.io.path.createDirectories
import kotlin.io.path.exists
import kotlin.io.path.readBytes
import kotlin.io.path.walk
import kotlin.io.path.writeText

/** The wizard on the real server. */
internal class WizardServerTest {
    private fun messages(folder: Path): Path = folder.createDirectories().resolve("messages.csv").also { file ->
        val rows = (1..60).map {
            if (it % 3 ==
                0
            ) {
                "\"Where is parcel $it?\",delivery"
            } else {
                "Please send invoice $it again,invoice"
            }
        }
        file.writeText("message,category\n" + rows.joinToString("\n", postfix = "\n"))
    }

    private fun content(folder: Path): Map<String, Int> =
        folder.walk().associate { folder.relativize(it).toString() to it.readBytes().contentHashCode() }

    @Test
    fun `from a csv to a project that passes its check, writing nothing before Finish`(@TempDir folder: Path) {
        val data = messages(folder.resolve("data"))
        val project = folder.resolve("project")
        val before = content(folder)
        withClient(real(folder), Limits()) { client ->
            client.ready()
            val wizard = Wizard(ServerBackend(client), this)
            wizard.state.await<WizardState> { it.catalog is Loaded.Ready }
            wizard.send(WizardEvent.ChooseData(data.toString()))
            val seen = wizard.state.await<WizardState> { it.preview is Loaded.Ready }
            assertEquals("text-classification", seen.chosenTask)
            assertEquals(
                mapOf("invoice" to 40L, "delivery" to 20L),
                seen.preview.orNull?.labels?.associate {
                    it.label to
                        it.rows
                },
            )
            repeat(2) { wizard.send(WizardEvent.Next) }
            val estimated = wizard.state.await<WizardState> {
                it.estimateOf("scratch", null).let { found ->
                    found is Loaded.Ready ||
                        found is Loaded.Failed
                }
            }
            val estimate = estimated.estimateOf("scratch", null).orNull ?: error("${estimated.estimates}")
            assertTrue(estimate.memory != null && estimate.steps > 0, "$estimate")
            assertEquals(listOf("all-MiniLM-L6-v2", "scratch"), estimated.modelChoices())
            val bundled = wizard.state.await<WizardState> { it.estimateOf("all-MiniLM-L6-v2", null) !is Loaded.Loading }
            val known = bundled.estimateOf("all-MiniLM-L6-v2", null)
            assertTrue(known is Loaded.Ready || "minilm" in (known as Loaded.Failed).run { message + hint }, "$known")
            wizard.send(WizardEvent.ChooseModel("scratch"))
            wizard.send(WizardEvent.ChooseSplit("group"))
            wizard.send(WizardEvent.ChooseSplitColumn("column", "message"))
            wizard.send(WizardEvent.ChoosePlace(project.toString(), "messages"))
            assertEquals(before, content(folder))
            assertTrue(!project.exists())
            wizard.send(WizardEvent.Finish)
            val made = wizard.state.await<WizardState> {
                it.project is Loaded.Ready || it.project is Loaded.Failed
            }.project
            val result = (made as? Loaded.Ready)?.value ?: error("$made")
            val check = client.request(Methods.check, JobParams(job = result.job))
            assertTrue(check.ok, "${check.problems}")
            val read = check.job["data"] as Map<*, *>
            assertEquals(mapOf("group" to mapOf("column" to listOf("message"))), read["split"])
            assertEquals(setOf("invoice", "delivery"), check.labels.map { it.label }.toSet())
        }
    }

    @Test
    fun `Cancel leaves nothing behind, and a file that is not there is told in the server's words`(
        @TempDir folder: Path,
    ) {
        val data = messages(folder.resolve("data"))
        val before = content(folder)
        withClient(real(folder), Limits()) { client ->
            client.ready()
            val wizard = Wizard(ServerBackend(client), this)
            wizard.state.await<WizardState> { it.catalog is Loaded.Ready }
            wizard.send(WizardEvent.ChooseData(folder.resolve("nowhere.csv").toString()))
            val failed = wizard.state.await<WizardState> { it.preview is Loaded.Failed }.preview as Loaded.Failed
            assertTrue(failed.message.isNotBlank())
            wizard.send(WizardEvent.ChooseData(data.toString()))
            wizard.state.await<WizardState> { it.preview is Loaded.Ready }
            repeat(2) { wizard.send(WizardEvent.Next) }
            wizard.send(WizardEvent.Cancel)
            assertTrue(wizard.state.value.isCancelled)
            coroutineContext.job.children.toList().filter { it.isCancelled }.forEach { it.cancelAndJoin() }
            assertEquals(before, content(folder))
        }
    }
}
