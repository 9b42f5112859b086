package dev.tunesmith.core.launch

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.awt.event.KeyEvent
import javax.swing.JTextArea
import javax.swing.SwingUtilities

class CompletionPopupTest {
    private val area = JTextArea()
    private val popup = CompletionPopup(area, "Suggestions") { text, caret ->
        val typed = text.substring(0, caret)
        val all = if ('=' in typed) listOf("seed=1", "seed=2") else listOf("seed=", "sections=")
        val items = all.filter { it.startsWith(typed) && it != typed }
        Suggestions(0, text.length, items.map { Suggestion(it, "", goesOn = it.endsWith("=")) })
    }

    private fun press(code: Int, modifiers: Int = 0): KeyEvent {
        val event = KeyEvent(area, KeyEvent.KEY_PRESSED, 0, modifiers, code, KeyEvent.CHAR_UNDEFINED)
        area.keyListeners.forEach { it.keyPressed(event) }
        return event
    }

    private fun onEventThread(test: () -> Unit) = SwingUtilities.invokeAndWait(test)

    @Test
    fun `Ctrl Space offers, arrows choose, Enter writes and goes on with what may follow`() = onEventThread {
        area.text = "se"
        press(KeyEvent.VK_SPACE, KeyEvent.CTRL_DOWN_MASK)
        assertEquals(listOf("seed=", "sections="), popup.items.map { it.text })
        press(KeyEvent.VK_DOWN)
        press(KeyEvent.VK_UP)
        assertTrue(press(KeyEvent.VK_ENTER).isConsumed)
        assertEquals("seed=", area.text)
        assertEquals(listOf("seed=1", "seed=2"), popup.items.map { it.text })
        press(KeyEvent.VK_UP)
        press(KeyEvent.VK_ENTER)
        assertEquals("seed=2", area.text)
        assertEquals(emptyList<Suggestion>(), popup.items)
    }

    @Test
    fun `keys mean what they always mean while nothing is offered`() = onEventThread {
        assertFalse(press(KeyEvent.VK_ENTER).isConsumed)
        press(KeyEvent.VK_SPACE, KeyEvent.CTRL_DOWN_MASK)
        assertEquals(2, popup.items.size)
        press(KeyEvent.VK_ESCAPE)
        assertEquals(0, popup.items.size)
        assertFalse(press(KeyEvent.VK_DOWN).isConsumed)
        assertEquals("", area.text)
    }
}
