package dev.tunesmith.core.panels

import dev.tunesmith.core.protocol.Best
import dev.tunesmith.core.protocol.Block
import dev.tunesmith.core.protocol.BlockKind
import dev.tunesmith.core.protocol.Checkpoint
import dev.tunesmith.core.protocol.Comparison
import dev.tunesmith.core.protocol.Device
import dev.tunesmith.core.protocol.Devices
import dev.tunesmith.core.protocol.Difference
import dev.tunesmith.core.protocol.Machine
import dev.tunesmith.core.protocol.RunSummary
import dev.tunesmith.core.protocol.Sample

internal fun run(name: String, status: String, step: Long = 500, best: Double? = 0.9): RunSummary = RunSummary(
    id = "20260101-$name",
    path = "/project/.tunesmith/runs/$name",
    status = status,
    name = name,
    tags = if (name == "baseline") listOf("paper", "v1") else emptyList(),
    created = 1_790_000_000.0 + step,
    durationS = step * 0.5,
    step = step,
    totalSteps = 1000,
    etaS = 90.0,
    best = best?.let { Best("f1_macro", it, step) },
    device = "cuda:0",
)

internal val SAMPLE_RUNS: List<RunSummary> = listOf(
    run("lora-r32", "running", 640, 0.912),
    run("lora-r8", "queued", 0, null).copy(position = 2),
    run("baseline", "finished", 1000, 0.874),
    run("wide", "failed", 120, null),
    run("night", "lost", 410, 0.801),
    run("frozen", "paused", 300, 0.77),
)

internal val SAMPLE_MATRIX: Block = Block(
    kind = BlockKind.MATRIX,
    name = "confusion",
    title = "Confusion matrix",
    says = "A row is a true class, a column what the model said; the diagonal is right.",
    labels = listOf("delivery", "invoice", "password reset", "praise"),
    counts = listOf(
        listOf(120L, 4L, 0L, 1L),
        listOf(6L, 98L, 2L, 0L),
        listOf(0L, 1L, 60L, 0L),
        listOf(9L, 0L, 0L, 31L),
    ),
)

internal val SAMPLE_ROWS: List<Sample> = listOf(
    Sample(
        17,
        "/project/data/messages.csv",
        204,
        mapOf("text" to "Thanks a lot, the driver was so kind!"),
        "praise",
        "delivery",
        4.21,
        false,
    ),
    Sample(
        3,
        "/project/data/messages.csv",
        12,
        mapOf("text" to "I was billed twice for parcel 123"),
        "invoice",
        "delivery",
        3.7,
        false,
    ),
    Sample(8, "/project/data/messages.csv", 90, mapOf("text" to "Where is it?"), "delivery", "delivery", 1.02, true),
    Sample(9, null, null, mapOf("text" to "number", "extra" to 3.0), 2.0, 2.5, null, null),
)

internal val SAMPLE_CHECKPOINTS: List<Checkpoint> = listOf(
    Checkpoint(1000, "/r/step-1000", 91_400_000, 1_790_000_900.0, false, mapOf("f1_macro" to 0.87), listOf("newest")),
    Checkpoint(
        800,
        "/r/step-800",
        91_400_000,
        1_790_000_700.0,
        true,
        mapOf("f1_macro" to 0.91),
        listOf("newest", "best"),
    ),
    Checkpoint(600, "/r/step-600", 91_400_000, 1_790_000_500.0, false, emptyMap(), listOf("user")),
)

internal val SAMPLE_DEVICES: Devices = Devices(
    listOf(Device("cpu", "Processor"), Device("cuda:0", "NVIDIA H100", 85_000_000_000, 81_000_000_000, 412.0, 0.97)),
    Machine(16, 64_000_000_000, 40_000_000_000, 512_000_000_000),
)

internal val SAMPLE_COMPARISON: Comparison = Comparison(
    runs = listOf(SAMPLE_RUNS[0], SAMPLE_RUNS[2]),
    settings = listOf(
        Difference("training.learning_rate", listOf(2e-4, 1e-3)),
        Difference("method.lora.rank", listOf(32.0, null)),
    ),
    metrics = listOf(Difference("f1_macro", listOf(0.912, 0.874)), Difference("same", listOf(1.0, 1.0))),
    data = listOf(Difference("data/messages.csv", listOf("sha256:ab12", "sha256:cd34"))),
    code = listOf(Difference("commit", listOf("8ca8639", "5530c5d"))),
)
