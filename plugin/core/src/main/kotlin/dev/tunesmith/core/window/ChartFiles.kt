package dev.tunesmith.core.window

import dev.tunesmith.core.Words
import dev.tunesmith.core.chart.ChartExport
import dev.tunesmith.core.chart.ChartState
import dev.tunesmith.core.chart.ChartTheme
import dev.tunesmith.core.chart.ExportFormat
import dev.tunesmith.core.chart.ExportSize
import dev.tunesmith.core.chart.writeCsv
import dev.tunesmith.core.protocol.Block
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import java.awt.Font
import java.nio.file.Path
import java.time.ZoneId
import kotlin.io.path.bufferedWriter
import kotlin.io.path.outputStream

/** Saves charts as files, off the UI thread. */
internal class ChartFiles(private val words: Words, private val zone: ZoneId) {
    /** Write [chart] to [file]. IOException where that cannot be done. */
    suspend fun save(chart: ChartState, format: ExportFormat, theme: ChartTheme, font: Font, file: Path) {
        withContext(Dispatchers.IO) {
            val export = ChartExport(words, zone, theme, font)
            when (format) {
                ExportFormat.PNG -> file.outputStream().buffered().use { export.png(chart, ExportSize(), it) }
                ExportFormat.SVG -> file.bufferedWriter().use { export.svg(chart, ExportSize(), it) }
                ExportFormat.CSV -> file.bufferedWriter().use { writeCsv(chart.model, it) }
            }
        }
    }

    /** Write a [chart] of a report to [file]. IOException where that cannot be done. */
    suspend fun save(chart: Block, format: ExportFormat, theme: ChartTheme, font: Font, file: Path) {
        withContext(Dispatchers.IO) {
            val export = ChartExport(words, zone, theme, font)
            when (format) {
                ExportFormat.PNG -> file.outputStream().buffered().use { export.png(chart, it) }
                ExportFormat.SVG -> file.bufferedWriter().use { export.svg(chart, it) }
                ExportFormat.CSV -> file.bufferedWriter().use { writeCsv(chart, it) }
            }
        }
    }

    companion object {
        /** What the file is called if the user wants no other name. */
        fun name(chart: String, format: ExportFormat): String =
            chart.replace(UNSAFE, "-") + "." + format.name.lowercase()

        private val UNSAFE = Regex("""[^\w.-]+""")
    }
}
