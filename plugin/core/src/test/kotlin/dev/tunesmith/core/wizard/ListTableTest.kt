package dev.tunesmith.core.wizard

import dev.tunesmith.core.panels.Column
import dev.tunesmith.core.swing.Stage
import dev.tunesmith.core.swing.Theme
import dev.tunesmith.core.swing.dress
import dev.tunesmith.core.swing.eventually
import dev.tunesmith.core.swing.onUi
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.condition.DisabledIfSystemProperty
import java.awt.Dimension

@DisabledIfSystemProperty(named = "java.awt.headless", matches = "true", disabledReason = "needs a screen")
internal class ListTableTest {
    @Test
    fun `the chosen row of a list that is longer than its room is in sight`() = runBlocking {
        val columns = listOf(Column<Int>("number", "Number", { it.toString() }, naturalOrder()))
        val list = onUi { dress(Theme.LIGHT).let { ListTable("numbers", columns) } }
        onUi { list.show((1..ROWS).toList(), ROWS) }
        Stage(list.component, Dimension(240, 180)).use {
            eventually("row $ROWS", { list.table.visibleRect }) {
                list.table.visibleRect.contains(list.table.getCellRect(ROWS - 1, 0, true))
            }
        }
    }

    private companion object {
        const val ROWS = 40
    }
}
