package dev.tunesmith.core.chart

import java.io.File
import java.util.Random
import javax.imageio.ImageIO
import kotlin.math.sin

/** Writes pictures of charts, light and dark, into the folder that the property `tunesmith.pictures` names. */
internal fun main() {
    val folder = File(
        System.getProperty("tunesmith.pictures") ?: error("no folder given: -Dtunesmith.pictures=FOLDER"),
    ).apply {
        mkdirs()
    }
    for ((name, theme) in mapOf("light" to ChartTheme.LIGHT, "dark" to ChartTheme.DARK)) {
        for ((case, state) in chartSamples()) {
            ImageIO.write(painted(state, theme, canvas(900, 420, 2.0)), "png", File(folder, "chart-$case-$name.png"))
        }
        ImageIO.write(
            painted(chartSamples().getValue("runs"), theme, canvas(320, 200, 2.0)),
            "png",
            File(folder, "chart-small-$name.png"),
        )
    }
}

internal fun chartSamples(): Map<String, ChartState> {
    fun run(slot: Int, name: String, count: Int, to: Double): Curve {
        val data = series(losses(count, slot + 10L, to = to))
        val marks = (1..count / 500).flatMap {
            listOf(
                Mark(MarkKind.CHECKPOINT, it * 500L, it * 250.0, "${it * 500}"),
                Mark(
                    MarkKind.EVALUATION,
                    it * 250L,
                    it * 125.0,
                    "",
                ),
            )
        }
        return Curve(name, name, slot, data, Timeline(1_790_000_000.0, 400.0), marks = marks)
    }
    val runs = listOf(run(0, "baseline", 4000, 0.42), run(1, "lora r=8", 4000, 0.33), run(2, "lora r=32", 2600, 0.25))
    val marked = runs[1].copy(
        marks = (
            runs[1].marks + Mark(MarkKind.RESUMED, 1500, 750.0, "") +
                Mark(MarkKind.MEMORY_STEP_DOWN, 600, 300.0, "16 → 8") +
                Mark(MarkKind.WARNING, 2700, 1350.0, "loss spike")
            )
            .sortedBy { it.step },
        best = BestPoint(3800, 1900.0, 0.33),
    )
    val random = Random(6)
    val wild = series(
        List(3000) { i ->
            when {
                i in 900..940 -> Double.NaN
                i == 1700 -> Double.POSITIVE_INFINITY
                i % 400 == 0 -> 0.0
                else -> Math.exp(-i / 400.0) * (1 + 0.3 * random.nextGaussian()) + 1e-4 * (1 + sin(i / 90.0))
            }
        },
    )
    val smooth = ChartModel("loss", runs).smoothedBy(0.97)
    return mapOf(
        "runs" to ChartState(smooth, Shared(smoothing = 0.97)),
        "raw" to ChartState(ChartModel("loss", runs.take(1)), Shared(cursor = 1800.0)),
        "marks" to
            ChartState(
                ChartModel("loss", listOf(marked)).smoothedBy(0.98),
                Shared(
                    XAxis.EPOCH,
                    smoothing = 0.98,
                    cursor =
                    1500 / 400.0,
                ),
            ),
        "rows" to ChartState(ChartModel("loss", listOf(runs[0], marked, runs[2])), Shared(cursor = 1500.0)),
        "many" to ChartState(
            ChartModel("loss", (0..5).map { run(it, "run $it", 4000, 0.2 + 0.1 * it) }).smoothedBy(0.97),
            Shared(smoothing = 0.97, cursor = 1500.0, open = "run 3"),
        ),
        "log" to ChartState(ChartModel("grad_norm", listOf(curve(wild, 4, "wild"))), Shared(yScale = YScale.LOG)),
        "clock" to
            ChartState(
                smooth,
                Shared(XAxis.WALL_TIME, cursor = 1_790_000_900.0),
                box = Box(1_790_000_300.0, 1_790_000_700.0, 0.5, 1.5),
            ),
        "sparse" to ChartState(
            ChartModel(
                "f1_macro",
                listOf(
                    curve(series(listOf(0.31, 0.52, 0.66, 0.71, 0.78, 0.77, 0.81, 0.84)), 0, "baseline"),
                    curve(series(listOf(0.4, 0.6, 0.7, 0.79, 0.85)), 1, "lora r=8"),
                ),
            ),
            Shared(cursor = 3.0),
        ),
        "empty" to ChartState(ChartModel("loss")),
    )
}
