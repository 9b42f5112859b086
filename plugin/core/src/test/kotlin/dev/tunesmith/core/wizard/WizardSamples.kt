package dev.tunesmith.core.wizard

import dev.tunesmith.core.protocol.Catalog
import dev.tunesmith.core.protocol.ColumnInfo
import dev.tunesmith.core.protocol.Estimate
import dev.tunesmith.core.protocol.Found
import dev.tunesmith.core.protocol.LabelCount
import dev.tunesmith.core.protocol.MemberInfo
import dev.tunesmith.core.protocol.MemoryEstimate
import dev.tunesmith.core.protocol.OptionInfo
import dev.tunesmith.core.protocol.Preview
import dev.tunesmith.core.protocol.PreviewColumn
import dev.tunesmith.core.protocol.Remedy
import dev.tunesmith.core.protocol.TimeEstimate

internal val SAMPLE_CATALOG = Catalog(
    tasks = listOf(
        MemberInfo(
            "regression",
            help = "Predicts a number (or several) from text, or from columns of numbers.",
            advice = "Your target is a quantity, where 3 is nearer to 4 than to 9.",
            columns = listOf(
                ColumnInfo("text", "The text to read.", required = false),
                ColumnInfo("target", "The number to predict."),
            ),
            models = listOf("transformers", "bundled", "scratch", "python"),
        ),
        MemberInfo(
            "text-classification",
            help = "Gives each text one label, or several: sentiment, topic, intent, spam.",
            advice = "Your label is one of a list of words. For a number on a scale take regression.",
            columns = listOf(
                ColumnInfo("text", "The text to read."),
                ColumnInfo("label", "The label to predict."),
                ColumnInfo("pair", "A second text, read together with the first.", required = false),
            ),
            models = listOf("transformers", "bundled", "scratch", "python"),
        ),
    ),
    models = listOf(
        MemberInfo(
            "bundled",
            help = "A model that a registry package provides: all-MiniLM-L6-v2.",
            advice = "Small text tasks on any machine: 22 million weights, 91 MB, no hub needed.",
        ),
        MemberInfo("scratch", help = "A small transformer with random weights."),
    ),
    methods = listOf(
        MemberInfo("full", help = "Tunes every weight of the model.", advice = "The best quality where memory allows."),
        MemberInfo("head", help = "Tunes the new head alone.", advice = "Very few rows, or a quick first look."),
        MemberInfo("lora", help = "Keeps the weights and tunes a low-rank change of some of them."),
    ),
    splits = SPLITS,
    templates = listOf("regression", "text-classification"),
)

internal val SPLITS: List<MemberInfo>
    get() = listOf(
        MemberInfo(
            "group",
            help = "Takes whole groups by lot: rows with the same value in a column stay in one part.",
            options = listOf(OptionInfo("column", help = "The column of the groups.", required = true, columns = true)),
        ),
        MemberInfo("random", help = "Takes rows by lot; rows with equal inputs stay together."),
        MemberInfo(
            "time",
            help = "Takes the last rows by time.",
            options = listOf(
                OptionInfo("column", help = "The column with the time.", required = true, columns = true),
                OptionInfo("gap", help = "Rows that are nearer than this are left out."),
            ),
        ),
    )

private val TEXTS = listOf(
    "Where is my parcel? The tracking page has said \"on its way\" since Monday.",
    "Please send the invoice for order 2231 again, to our new address.",
    "我想更改收货地址",
    "The app closes when I open the settings.",
)
private val LABELS = listOf("delivery", "invoice", "delivery", "bug")

internal const val MINILM = "all-MiniLM-L6-v2"

internal val SAMPLE_PREVIEW = Preview(
    task = "text-classification",
    rows = 12_480,
    columns = listOf(
        PreviewColumn("id", "number", 12_480, 0),
        PreviewColumn("message", "text", 12_012, 3, "text"),
        PreviewColumn("category", "label", 4, 0, "label"),
        PreviewColumn("received", "text", 9_871, 41),
    ),
    cells = (0 until 20).map { listOf("${it + 1}", TEXTS[it % 4], LABELS[it % 4], "2026-03-${10 + it} 09:15") },
    roles = mapOf("text" to listOf("message"), "label" to listOf("category")),
    model = MINILM,
    labels = listOf(
        LabelCount("delivery", 6_200),
        LabelCount("invoice", 4_105),
        LabelCount("bug", 2_050),
        LabelCount("complaint", 125),
    ),
    problems = listOf(Found(message = "3 rows have no text", hint = "they are left out")),
)

private fun estimate(memory: Long, tuned: Long, fits: Boolean, seconds: Double?) = Estimate(
    device = "cuda:0",
    fits = fits,
    freeBytes = 11_200_000_000,
    memory = MemoryEstimate(totalBytes = memory),
    time = seconds?.let { TimeEstimate(totalS = it) },
    parameters = 22_713_216,
    trainableParameters = tuned,
    rows = 11_232,
    steps = 1_053,
    remedies = if (fits) emptyList() else listOf(Remedy(message = "a micro-batch of 8 rows needs 9.1 GB")),
)

/** The wizard on its page [step], with everything before it chosen and answered. */
internal fun sampleState(step: Step): WizardState {
    val base = WizardState(
        step = step,
        catalog = Loaded.Ready(SAMPLE_CATALOG),
        data = "/home/me/data/messages.csv",
        preview = Loaded.Ready(SAMPLE_PREVIEW),
        folder = if (step == Step.PLACE) "/home/me/projects/messages" else "",
        name = if (step == Step.PLACE) "messages" else "",
    )
    val found = mapOf(
        base.jobText(MINILM, null) to Loaded.Ready(estimate(3_100_000_000, 22_713_216, true, 185.0)),
        base.jobText(SCRATCH, null) to Loaded.Ready(estimate(12_400_000_000, 3_421_952, false, null)),
        base.jobText(MINILM, "full") to Loaded.Ready(estimate(3_100_000_000, 22_713_216, true, 185.0)),
        base.jobText(MINILM, "head") to Loaded.Loading,
        base.jobText(MINILM, "lora") to Loaded.Failed("the model could not be loaded", "install the extra minilm"),
    )
    return base.copy(estimates = found.mapKeys { it.key.orEmpty() })
}
