package dev.tunesmith.core.panels

import com.formdev.flatlaf.FlatDarkLaf
import com.formdev.flatlaf.FlatLightLaf
import dev.tunesmith.core.Words
import dev.tunesmith.core.chart.ChartBoard
import dev.tunesmith.core.chart.ChartTheme
import dev.tunesmith.core.chart.chartSamples
import java.awt.Component
import java.awt.Container
import java.awt.Dimension
import java.awt.image.BufferedImage
import java.io.File
import java.time.ZoneOffset
import java.util.Locale
import java.util.concurrent.Executor
import javax.imageio.ImageIO
import javax.swing.JScrollPane
import javax.swing.RepaintManager

private const val SCALE = 2.0

/** Writes pictures of every panel, light and dark, into the folder that the property `tunesmith.pictures` names. */
internal fun main() {
    val folder = File(System.getProperty("tunesmith.pictures") ?: error("no folder given: -Dtunesmith.pictures=FOLDER"))
    folder.mkdirs()
    for ((look, theme) in listOf("light" to ChartTheme.LIGHT, "dark" to ChartTheme.DARK)) {
        if (look == "light") FlatLightLaf.setup() else FlatDarkLaf.setup()
        for ((name, panel) in panels(
            Words(Locale.ENGLISH),
            theme,
        )) {
            picture(panel, File(folder, "panel-$name-$look.png"))
        }
    }
}

private fun panels(words: Words, theme: ChartTheme): Map<String, Component> {
    val zone = ZoneOffset.UTC
    val runs = RunsPanel(words, zone) { }
    runs.show(SAMPLE_RUNS, RunSlots().shown(SAMPLE_RUNS[0].id).shown(SAMPLE_RUNS[2].id))
    runs.table.state = TableState(sort = Sort("best", true))
    runs.table.table.setRowSelectionInterval(1, 1)
    val board = ChartBoard(words, zone, { it.run() }, Executor { it.run() }) { }
    board.theme = theme
    val smooth = chartSamples().getValue("runs").model
    board.show(listOf(smooth, chartSamples().getValue("sparse").model, chartSamples().getValue("log").model))
    val confusion = ConfusionView(words) { }
    confusion.theme = theme
    confusion.show("run", SAMPLE_MATRIX)
    val devices = DevicesView(words)
    devices.theme = theme
    devices.show(SAMPLE_DEVICES)
    val log = LogPanel(words) { }
    log.show((1..30).joinToString("\n") { "step $it  loss ${2.0 / it}  lr 2e-4" } + "\n  File \"model.py\", line 12\n")
    log.search.text = "loss"
    return mapOf(
        "runs" to runs.component,
        "board" to board,
        "confusion" to JScrollPane(confusion),
        "devices" to devices,
        "log" to log,
        "samples" to SamplesPanel(words) { }.also { it.show(SAMPLE_ROWS) }.component,
        "checkpoints" to
            CheckpointsPanel(words, zone) { }.also { it.show("run", SAMPLE_CHECKPOINTS, "f1_macro") }.component,
        "differences" to DifferencesPanel(words).also { it.show(SAMPLE_COMPARISON) }.component,
    )
}

private fun picture(panel: Component, file: File) {
    val size = if (file.name.startsWith("panel-board")) Dimension(1100, 640) else Dimension(1000, 320)
    panel.size = size
    arrange(panel)
    arrange(panel)
    val image = BufferedImage((size.width * SCALE).toInt(), (size.height * SCALE).toInt(), BufferedImage.TYPE_INT_RGB)
    val g = image.createGraphics()
    g.scale(SCALE, SCALE)
    RepaintManager.currentManager(panel).isDoubleBufferingEnabled = false
    panel.paint(g)
    g.dispose()
    ImageIO.write(image, "png", file)
}

private fun arrange(component: Component) {
    component.doLayout()
    (component as? Container)?.components?.forEach(::arrange)
}
