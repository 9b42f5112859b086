package dev.tunesmith.core.panels

import dev.tunesmith.core.Words
import dev.tunesmith.core.client.QuestionState
import dev.tunesmith.core.details.Details
import dev.tunesmith.core.protocol.Report
import dev.tunesmith.core.swing.Album
import dev.tunesmith.core.swing.Stage
import dev.tunesmith.core.swing.Theme
import dev.tunesmith.core.swing.dress
import dev.tunesmith.core.swing.languages
import dev.tunesmith.core.swing.onUi
import dev.tunesmith.core.swing.only
import dev.tunesmith.core.window.ResultsPanel
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.condition.DisabledIfSystemProperty
import java.awt.Dimension
import javax.swing.JTable

/** Pictures of a report with a block of every kind, light and dark, in both languages, wide, narrow and whole. */
@DisabledIfSystemProperty(named = "java.awt.headless", matches = "true", disabledReason = "needs a screen")
internal class ReportPicturesTest {
    private val figures = mapOf("loss" to 0.31, "accuracy" to 0.934, "f1_macro" to 0.9123456, "roc_auc" to 0.98)
    private val headline = "The model is right for 93.4 % of the 332 held-out rows."
    private val report =
        Report("r", there = true, headline, metrics = figures, blocks = SAMPLE_BLOCKS, hardest = SAMPLE_ROWS)

    @Test
    fun `a report with a block of every kind`() {
        val album = Album()
        for ((language, locale) in languages) {
            val words = Words(locale)
            val panel = onUi { dress(Theme.LIGHT).let { ResultsPanel(words) { } } }
            onUi { panel.show(Details("r", report = report), QuestionState.Nothing) }
            Stage(panel, Dimension(1100, 440)).use { stage ->
                onUi {
                    panel.only<JTable> {
                        it.columnCount == SAMPLE_COLUMNS &&
                            it.accessibleContext.accessibleName == words("samples.title")
                    }.setRowSelectionInterval(0, 0)
                }
                album.take(stage, words, "report-wide-$language")
                stage.resize(Dimension(460, 900))
                album.take(stage, words, "report-narrow-$language")
            }
            for ((name, width) in mapOf("whole" to WHOLE, "thin" to THIN)) {
                val page = onUi { dress(Theme.LIGHT).let { ReportPage(words) { } } }
                onUi { page.show("r", figures, SAMPLE_BLOCKS) }
                Stage(page.component, Dimension(width, HIGH)).use { album.take(it, words, "report-$name-$language") }
            }
        }
        album.assertFlawless()
    }

    private companion object {
        const val SAMPLE_COLUMNS = 6
        const val WHOLE = 760
        const val THIN = 380
        const val HIGH = 2600
    }
}
