package dev.tunesmith.core.panels

import dev.tunesmith.core.protocol.Block
import dev.tunesmith.core.protocol.BlockKind
import dev.tunesmith.core.protocol.Mark
import dev.tunesmith.core.protocol.MarkShape
import dev.tunesmith.core.protocol.MarkedText
import dev.tunesmith.core.protocol.Panel
import dev.tunesmith.core.protocol.Span
import java.util.Random
import kotlin.math.pow

internal val SAMPLE_TABLE: Block = Block(
    BlockKind.TABLE,
    "by_class",
    "By class",
    header = listOf("class", "precision", "recall", "F1", "rows", "share of the class"),
    cells = listOf(
        listOf("delivery", 0.8888888, 0.96, 0.923, 125L, "4.0%"),
        listOf("invoice", 0.9514563, 0.9245283, 0.9377990, 106L, "12.5%"),
        listOf("password reset", 1.0, 0.9836065, 0.9917355, 1061L, "9.1%"),
        listOf("weighted", null, 0.5, null, null, null),
    ),
)

private val diagonal = listOf(0.0, 1.0)

private fun roc(power: Double): List<Double> = List(60) { (it / 59.0).pow(power) }

internal val SAMPLE_CHARTS: List<Block> = listOf(
    Block(
        BlockKind.CHART,
        "areas",
        "Trade-offs",
        "What is won and lost when the threshold moves. ROC: nearer to the upper left is better.",
        columns = 2,
        panels = listOf(
            Panel(
                "ROC",
                "false positive rate",
                "true positive rate",
                listOf(Mark(MarkShape.LINE, diagonal, diagonal, "guessing", reference = true)) +
                    listOf("delivery" to 0.1, "invoice" to 0.3, "password reset" to 0.5).map { (name, power) ->
                        Mark(MarkShape.LINE, List(60) { it / 59.0 }, roc(power), name)
                    },
                "xy",
            ),
            Panel(
                "Precision and recall",
                "recall",
                "precision",
                listOf("delivery" to 0.8, "invoice" to 0.6).map { (name, height) ->
                    val y = List(12) { 1.0 - (1 - height) * (it / 11.0).pow(2) }
                    Mark(MarkShape.STEP, List(12) { it / 11.0 }, y, name)
                },
                "xy",
            ),
        ),
    ),
    Block(
        BlockKind.CHART,
        "residuals",
        "Errors",
        "Left: on the dashed line, the answer is exact. Right: how often there is which error.",
        columns = 2,
        panels = Random(3).let { random ->
            val x = List(300) { 1200 + 400 * random.nextGaussian() }
            val y = x.map { it + 80 * random.nextGaussian() }
            listOf(
                Panel(
                    "Predicted against true",
                    "true",
                    "predicted",
                    listOf(
                        Mark(MarkShape.LINE, listOf(x.min(), x.max()), listOf(x.min(), x.max()), "exact", 0.0, true),
                        Mark(MarkShape.POINTS, x, y),
                    ),
                ),
                Panel(
                    "",
                    "predicted minus true",
                    "rows",
                    listOf(
                        Mark(
                            MarkShape.BARS,
                            List(20) { -200.0 + 20 * it },
                            List(20) { 60 / (1 + (it - 10.0).pow(2) / 9) },
                            "errors",
                            20.0,
                        ),
                        Mark(MarkShape.LINE, listOf(0.0, 0.0), listOf(0.0, 60.0), "exact", reference = true),
                    ),
                ),
            )
        },
    ),
)

private const val SENTENCE = "Angela Merkel met Tim Cook at Apple Park in Cupertino on Monday."

internal val SAMPLE_TEXTS: Block = Block(
    BlockKind.TEXTS,
    "mistakes",
    "Rows with the most mistakes",
    "Of 7 rows with a mistake, those with the most: as the data mark them, and as the model does.",
    header = listOf("data", "model"),
    texts = listOf(
        listOf(
            MarkedText(
                SENTENCE,
                listOf(Span(0, 13, "PER", true), Span(18, 26, "PER", true), Span(44, 53, "LOC", false)),
            ),
            MarkedText(SENTENCE, listOf(Span(0, 13, "PER", true), Span(18, 26, "PER", true), Span(30, 35, "ORG"))),
        ),
        listOf(
            MarkedText("🚚 Bob is late. ".repeat(40), listOf(Span(2, 5, "PER", false))),
            MarkedText("🚚 Bob is late.", listOf(Span(2, 5, "ORG", false))),
        ),
    ) + List(5) { listOf(MarkedText("row $it", listOf(Span(0, 3))), MarkedText("")) },
)

internal val SAMPLE_BLOCKS: List<Block> =
    listOf(SAMPLE_MATRIX, SAMPLE_TABLE) + SAMPLE_CHARTS + SAMPLE_TEXTS +
        Block("hologram", "rows", "Rows in space", "Turn it with the mouse.")
