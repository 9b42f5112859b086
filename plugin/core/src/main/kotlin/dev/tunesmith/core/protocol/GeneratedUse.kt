// Generated from runtime/tunesmith/protocol by tools/generate_protocol.py: change it there.
package dev.tunesmith.core.protocol

/** The values of a field. The server refuses others. */
public object SampleOrder {
    /** highest loss first */
    public const val HARDEST: String = "hardest"

    /** as the rows stand in the data */
    public const val FILE: String = "file"

    /** All that this version knows. */
    public val ALL: List<String> = listOf(HARDEST, FILE)
}

/** The values of a field. There may be more of them one day. */
public object MarkShape {
    /** points joined by lines */
    public const val LINE: String = "line"

    /** a staircase: each value holds up to its x */
    public const val STEP: String = "step"

    /** points alone */
    public const val POINTS: String = "points"

    /** bars from 0 to y */
    public const val BARS: String = "bars"

    /** All that this version knows. */
    public val ALL: List<String> = listOf(LINE, STEP, POINTS, BARS)
}

/** The values of a field. There may be more of them one day. */
public object BlockKind {
    /** cells below a header */
    public const val TABLE: String = "table"

    /** counts by true and predicted label */
    public const val MATRIX: String = "matrix"

    /** panels of lines, steps, points and bars */
    public const val CHART: String = "chart"

    /** texts side by side, with marks in them */
    public const val TEXTS: String = "texts"

    /** All that this version knows. */
    public val ALL: List<String> = listOf(TABLE, MATRIX, CHART, TEXTS)
}

/** The values of a field. The server refuses others. */
public object ExportFormat {
    /** what fits the model */
    public const val AUTO: String = "auto"

    /** the whole model; an adapter is merged into it */
    public const val TRANSFORMERS: String = "transformers"

    /** the adapter alone */
    public const val PEFT: String = "peft"

    /** the same as transformers */
    public const val MERGED: String = "merged"

    /** for runtimes without Python */
    public const val ONNX: String = "onnx"

    /** weights of a module of the user's own */
    public const val MODULE: String = "module"

    /** All that this version knows. */
    public val ALL: List<String> = listOf(AUTO, TRANSFORMERS, PEFT, MERGED, ONNX, MODULE)
}

/**
 * Of which run.
 *
 * @property run An id, a unique beginning of one, `last`, or a folder.
 * @property again Measure the model anew and rewrite the report.
 * @property checkpoint With `again`: best, newest or step-N.
 */
public data class ReportParams(val run: String = "", val again: Boolean = false, val checkpoint: String = "best")

/**
 * One line, staircase, cloud of points or row of bars of a chart.
 *
 * @property shape How it is drawn.
 * @property x Of each point; bars begin here.
 * @property y Of each point.
 * @property label What it is, for a legend.
 * @property width Of a bar.
 * @property reference Drawn dashed and grey: what the others are compared with.
 */
public data class Mark(
    val shape: String = "",
    val x: List<Double> = emptyList(),
    val y: List<Double> = emptyList(),
    val label: String = "",
    val width: Double = 0.0,
    val reference: Boolean = false,
)

/**
 * A pair of axes with its marks.
 *
 * @property title Above it.
 * @property xLabel Below the x axis.
 * @property yLabel Beside the y axis.
 * @property marks In the order in which they are drawn.
 * @property unit The axes that reach from 0 to 1: xy, x, y or none.
 */
public data class Panel(
    val title: String = "",
    val xLabel: String = "",
    val yLabel: String = "",
    val marks: List<Mark> = emptyList(),
    val unit: String = "",
)

/**
 * Characters of a text that mean something.
 *
 * @property start The first one, from 0, in code points.
 * @property end The one behind the last.
 * @property label What they are.
 * @property right Whether the data say so too; left out where that is not known.
 */
public data class Span(val start: Long = 0, val end: Long = 0, val label: String = "", val right: Boolean? = null)

/**
 * A text with what is to be marked in it.
 *
 * @property text The whole text.
 * @property spans In the order of their beginnings.
 */
public data class MarkedText(val text: String = "", val spans: List<Span> = emptyList())

/**
 * Something to draw of a report. Which fields are filled depends on its kind.
 *
 * @property kind What it is.
 * @property name Unique within the report.
 * @property title Above it.
 * @property says How to read it, in a sentence.
 * @property header table, texts: the columns.
 * @property cells table: texts and numbers by row; null: not defined.
 * @property labels matrix: in the order of rows and columns.
 * @property counts matrix: rows by true and predicted label. Unit: rows.
 * @property ofRows matrix: whether counts are of rows, which `tunesmith/samples` shows.
 * @property panels chart: its axes.
 * @property columns chart: how many panels stand side by side.
 * @property texts texts: by row.
 */
public data class Block(
    val kind: String = "",
    val name: String = "",
    val title: String = "",
    val says: String = "",
    val header: List<String> = emptyList(),
    val cells: List<List<Any?>> = emptyList(),
    val labels: List<String> = emptyList(),
    val counts: List<List<Long>> = emptyList(),
    val ofRows: Boolean = true,
    val panels: List<Panel> = emptyList(),
    val columns: Long = 1,
    val texts: List<List<MarkedText>> = emptyList(),
)

/**
 * One held-out row and what the model made of it.
 *
 * @property row Its number among the held-out rows, from 0.
 * @property file Where it stands.
 * @property line In that file, from 1.
 * @property values Its columns by role; long texts are cut.
 * @property expected What the data say.
 * @property predicted What the model says.
 * @property loss Of this row.
 * @property right Whether both are the same; left out for numbers and texts.
 */
public data class Sample(
    val row: Long = 0,
    val file: String? = null,
    val line: Long? = null,
    val values: Map<String, Any?> = emptyMap(),
    val expected: Any? = null,
    val predicted: Any? = null,
    val loss: Double? = null,
    val right: Boolean? = null,
)

/**
 * How good the model is. `summary` is what report/metrics.json holds, in its own words.
 *
 * @property run The run's id.
 * @property there False where there is no report yet (the run goes on, or there were no held-out rows).
 * @property headline One sentence.
 * @property warnings What to be careful about.
 * @property words The rest, in sentences.
 * @property metrics Of test rows as `test_NAME`, then of validation rows.
 * @property summary Everything in report/metrics.json.
 * @property blocks Tables, matrices, charts and texts, in the order to show them.
 * @property hardest Highest loss first.
 * @property folder Where the report's files lie.
 * @property files Their names.
 */
public data class Report(
    val run: String = "",
    val there: Boolean = false,
    val headline: String = "",
    val warnings: List<String> = emptyList(),
    val words: List<String> = emptyList(),
    val metrics: Map<String, Double> = emptyMap(),
    val summary: Map<String, Any?> = emptyMap(),
    val blocks: List<Block> = emptyList(),
    val hardest: List<Sample> = emptyList(),
    val folder: String = "",
    val files: List<String> = emptyList(),
)

/**
 * Which held-out rows.
 *
 * @property run An id, a unique beginning of one, `last`, or a folder.
 * @property expected Only rows with this label in the data: a row of the confusion matrix.
 * @property predicted Only rows the model gave this label: a column of it.
 * @property order In which order.
 * @property offset Leave out the first so many.
 * @property limit At most so many.
 */
public data class SamplesParams(
    val run: String = "",
    val expected: String? = null,
    val predicted: String? = null,
    val order: String = "hardest",
    val offset: Long = 0,
    val limit: Long = 100,
)

/**
 * Held-out rows with the model's answers.
 *
 * @property samples In the order asked.
 * @property total How many rows fit the question. Unit: rows.
 */
public data class Samples(val samples: List<Sample> = emptyList(), val total: Long = 0)

/**
 * What to ask the model.
 *
 * @property run An id, a unique beginning of one, `last`, or a folder.
 * @property texts Texts, one answer each.
 * @property file A data file with the columns of the training file, or an image.
 * @property checkpoint best, newest or step-N.
 * @property untuned Also ask the model as it was before tuning.
 * @property limit Answers from a file, at most. Unit: rows.
 * @property maxNewTokens Language models: length of what they write.
 * @property temperature Language models: 0 takes the likeliest token, higher is more varied.
 * @property seed Language models: which numbers to draw tokens by.
 */
public data class PredictParams(
    val run: String = "",
    val texts: List<String> = emptyList(),
    val file: String? = null,
    val checkpoint: String = "best",
    val untuned: Boolean = false,
    val limit: Long = 1000,
    val maxNewTokens: Long = 100,
    val temperature: Double = 0.0,
    val seed: Long = 0,
)

/**
 * One input and what the model says.
 *
 * @property input The text, or the row's values by role.
 * @property answer label and probabilities, value, text or loss.
 * @property untuned The same of the model before tuning.
 * @property file Where the row stands.
 * @property line In that file, from 1.
 */
public data class Answer(
    val input: Any? = null,
    val answer: Map<String, Any?> = emptyMap(),
    val untuned: Map<String, Any?>? = null,
    val file: String? = null,
    val line: Long? = null,
)

/**
 * Answers, in the order of the inputs.
 *
 * @property answers One an input.
 * @property notes What to be careful about.
 * @property seconds Without loading the model. Unit: s.
 */
public data class PredictResult(
    val answers: List<Answer> = emptyList(),
    val notes: List<String> = emptyList(),
    val seconds: Double = 0.0,
)

/**
 * What to write where.
 *
 * @property run An id, a unique beginning of one, `last`, or a folder.
 * @property to The folder to write; left out: export/FORMAT in the run.
 * @property format For whom.
 * @property checkpoint best, newest or step-N.
 * @property force Replace an earlier export in that folder.
 */
public data class ExportParams(
    val run: String = "",
    val to: String? = null,
    val format: String = "auto",
    val checkpoint: String = "best",
    val force: Boolean = false,
)

/**
 * One file of an export.
 *
 * @property name Its path within the folder.
 * @property bytes Its size. Unit: B.
 */
public data class ExportedFile(val name: String = "", val bytes: Long = 0)

/**
 * What was written; its outputs were compared with those of the trained model first.
 *
 * @property folder Where.
 * @property files All of them.
 */
public data class ExportResult(val folder: String = "", val files: List<ExportedFile> = emptyList())

/**
 * One step again.
 *
 * @property run An id, a unique beginning of one, `last`, or a folder.
 * @property step From 1.
 */
public data class ReplayParams(val run: String = "", val step: Long = 0)

/**
 * Where a row stands.
 *
 * @property file The data file.
 * @property line From 1.
 */
public data class RowPlace(val file: String = "", val line: Long? = null)

/**
 * The batch of a step, and its loss.
 *
 * @property run The run's id.
 * @property step The step.
 * @property fromStep The checkpoint it was rebuilt from.
 * @property rows The batch.
 * @property loss Computed now.
 * @property recorded What the run wrote down.
 * @property exact Whether both are equal, bit for bit.
 * @property command What rebuilds it under a debugger.
 */
public data class ReplayResult(
    val run: String = "",
    val step: Long = 0,
    val fromStep: Long = 0,
    val rows: List<RowPlace> = emptyList(),
    val loss: Double = 0.0,
    val recorded: Double? = null,
    val exact: Boolean = false,
    val command: List<String> = emptyList(),
)
