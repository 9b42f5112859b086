package dev.tunesmith.core.window

import dev.tunesmith.core.chart.ENGLISH
import dev.tunesmith.core.client.LostReason
import dev.tunesmith.core.runs.RunsState
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.awt.Component
import java.awt.Container
import java.time.Instant
import javax.swing.JButton
import javax.swing.JTextArea
import javax.swing.SwingUtilities
import kotlin.time.Duration.Companion.seconds

internal class ConnectionPanelTest {
    private val done = mutableListOf<String>()

    private fun lost(reason: LostReason, vararg log: String) =
        RunsState.Lost(Instant.EPOCH, reason, log.toList(), 4.seconds)

    private fun Container.all(): List<Component> =
        components.flatMap { listOf(it) + ((it as? Container)?.all() ?: emptyList()) }

    @Test
    fun `says why, quotes the log, starts again and shows the settings when it is asked to`() =
        SwingUtilities.invokeAndWait {
            val panel = ConnectionPanel(ENGLISH, { done += "retry" }, { done += "settings" })
            val texts = panel.all().filterIsInstance<JTextArea>()
            val buttons = panel.all().filterIsInstance<JButton>().filter { it.text.isNotEmpty() }
            assertEquals("The server is being started…", texts.first().text)
            assertFalse(buttons.any { it.isVisible })
            panel.show(lost(LostReason.Exited(137), "one", "two"))
            val said = "The server ended with exit status 137. Runs go on without it.\nIt is started again in 4 s."
            assertEquals(listOf(said, "one\ntwo"), texts.map { it.text })
            assertTrue(buttons.all { it.isVisible })
            buttons.forEach { it.doClick() }
            assertEquals(listOf("retry", "settings"), done)
        }
}
