"""After a run: its report, its rows, answers of its model, exports, one step again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tunesmith.protocol.message import Words, field, message
from tunesmith.protocol.method import Method, Request

ORDER = Words(
    name="SampleOrder",
    meanings={"hardest": "highest loss first", "file": "as the rows stand in the data"},
)
SHAPE = Words(
    name="MarkShape",
    open=True,
    meanings={
        "line": "points joined by lines",
        "step": "a staircase: each value holds up to its x",
        "points": "points alone",
        "bars": "bars from 0 to y",
    },
)
BLOCK = Words(
    name="BlockKind",
    open=True,
    meanings={
        "table": "cells below a header",
        "matrix": "counts by true and predicted label",
        "chart": "panels of lines, steps, points and bars",
        "texts": "texts side by side, with marks in them",
    },
)
FORMAT = Words(
    name="ExportFormat",
    meanings={
        "auto": "what fits the model",
        "transformers": "the whole model; an adapter is merged into it",
        "peft": "the adapter alone",
        "merged": "the same as transformers",
        "onnx": "for runtimes without Python",
        "module": "weights of a module of the user's own",
    },
)


@message
class ReportParams:
    """Of which run."""

    run: str = field("An id, a unique beginning of one, `last`, or a folder.")
    again: bool = field("Measure the model anew and rewrite the report.", default=False)
    checkpoint: str = field("With `again`: best, newest or step-N.", default="best")


@message
class Mark:
    """One line, staircase, cloud of points or row of bars of a chart."""

    shape: str = field("How it is drawn.", words=SHAPE)
    x: tuple[float, ...] = field("Of each point; bars begin here.", default=())
    y: tuple[float, ...] = field("Of each point.", default=())
    label: str = field("What it is, for a legend.", default="")
    width: float = field("Of a bar.", default=0.0)
    reference: bool = field("Drawn dashed and grey: what the others are compared with.", default=False)


@message
class Panel:
    """A pair of axes with its marks."""

    title: str = field("Above it.", default="")
    x_label: str = field("Below the x axis.", default="")
    y_label: str = field("Beside the y axis.", default="")
    marks: tuple[Mark, ...] = field("In the order in which they are drawn.", default=())
    unit: str = field("The axes that reach from 0 to 1: xy, x, y or none.", default="")


@message
class Span:
    """Characters of a text that mean something."""

    start: int = field("The first one, from 0, in code points.")
    end: int = field("The one behind the last.")
    label: str = field("What they are.", default="")
    right: bool | None = field("Whether the data say so too; left out where that is not known.", default=None)


@message
class MarkedText:
    """A text with what is to be marked in it."""

    text: str = field("The whole text.", default="")
    spans: tuple[Span, ...] = field("In the order of their beginnings.", default=())


@message
class Block:
    """Something to draw of a report. Which fields are filled depends on its kind."""

    kind: str = field("What it is.", words=BLOCK)
    name: str = field("Unique within the report.", default="")
    title: str = field("Above it.", default="")
    says: str = field("How to read it, in a sentence.", default="")
    header: tuple[str, ...] = field("table, texts: the columns.", default=())
    cells: tuple[tuple[Any, ...], ...] = field("table: texts and numbers by row; null: not defined.", default=())
    labels: tuple[str, ...] = field("matrix: in the order of rows and columns.", default=())
    counts: tuple[tuple[int, ...], ...] = field("matrix: rows by true and predicted label.", default=(), unit="rows")
    of_rows: bool = field("matrix: whether counts are of rows, which `tunesmith/samples` shows.", default=True)
    panels: tuple[Panel, ...] = field("chart: its axes.", default=())
    columns: int = field("chart: how many panels stand side by side.", default=1)
    texts: tuple[tuple[MarkedText, ...], ...] = field("texts: by row.", default=())


@message
class Sample:
    """One held-out row and what the model made of it."""

    row: int = field("Its number among the held-out rows, from 0.")
    file: str | None = field("Where it stands.", default=None)
    line: int | None = field("In that file, from 1.", default=None)
    values: Mapping[str, Any] = field("Its columns by role; long texts are cut.", factory=dict)
    expected: Any = field("What the data say.", default=None)
    predicted: Any = field("What the model says.", default=None)
    loss: float | None = field("Of this row.", default=None)
    right: bool | None = field("Whether both are the same; left out for numbers and texts.", default=None)


@message
class Report:
    """How good the model is. `summary` is what report/metrics.json holds, in its own words."""

    run: str = field("The run's id.")
    there: bool = field("False where there is no report yet (the run goes on, or there were no held-out rows).")
    headline: str = field("One sentence.", default="")
    warnings: tuple[str, ...] = field("What to be careful about.", default=())
    words: tuple[str, ...] = field("The rest, in sentences.", default=())
    metrics: Mapping[str, float] = field("Of test rows as `test_NAME`, then of validation rows.", factory=dict)
    summary: Mapping[str, Any] = field("Everything in report/metrics.json.", factory=dict)
    blocks: tuple[Block, ...] = field("Tables, matrices, charts and texts, in the order to show them.", default=())
    hardest: tuple[Sample, ...] = field("Highest loss first.", default=())
    folder: str = field("Where the report's files lie.", default="")
    files: tuple[str, ...] = field("Their names.", default=())


@message
class SamplesParams:
    """Which held-out rows."""

    run: str = field("An id, a unique beginning of one, `last`, or a folder.")
    expected: str | None = field("Only rows with this label in the data: a row of the confusion matrix.", default=None)
    predicted: str | None = field("Only rows the model gave this label: a column of it.", default=None)
    order: str = field("In which order.", default="hardest", words=ORDER)
    offset: int = field("Leave out the first so many.", default=0)
    limit: int = field("At most so many.", default=100)


@message
class Samples:
    """Held-out rows with the model's answers."""

    samples: tuple[Sample, ...] = field("In the order asked.", default=())
    total: int = field("How many rows fit the question.", default=0, unit="rows")


@message
class PredictParams:
    """What to ask the model."""

    run: str = field("An id, a unique beginning of one, `last`, or a folder.")
    texts: tuple[str, ...] = field("Texts, one answer each.", default=())
    file: str | None = field("A data file with the columns of the training file, or an image.", default=None)
    checkpoint: str = field("best, newest or step-N.", default="best")
    untuned: bool = field("Also ask the model as it was before tuning.", default=False)
    limit: int = field("Answers from a file, at most.", default=1000, unit="rows")
    max_new_tokens: int = field("Language models: length of what they write.", default=100)
    temperature: float = field("Language models: 0 takes the likeliest token, higher is more varied.", default=0.0)
    seed: int = field("Language models: which numbers to draw tokens by.", default=0)


@message
class Answer:
    """One input and what the model says."""

    input: Any = field("The text, or the row's values by role.")
    answer: Mapping[str, Any] = field("label and probabilities, value, text or loss.", factory=dict)
    untuned: Mapping[str, Any] | None = field("The same of the model before tuning.", default=None)
    file: str | None = field("Where the row stands.", default=None)
    line: int | None = field("In that file, from 1.", default=None)


@message
class PredictResult:
    """Answers, in the order of the inputs."""

    answers: tuple[Answer, ...] = field("One an input.", default=())
    notes: tuple[str, ...] = field("What to be careful about.", default=())
    seconds: float = field("Without loading the model.", default=0.0, unit="s")


@message
class ExportParams:
    """What to write where."""

    run: str = field("An id, a unique beginning of one, `last`, or a folder.")
    to: str | None = field("The folder to write; left out: export/FORMAT in the run.", default=None)
    format: str = field("For whom.", default="auto", words=FORMAT)
    checkpoint: str = field("best, newest or step-N.", default="best")
    force: bool = field("Replace an earlier export in that folder.", default=False)


@message
class ExportedFile:
    """One file of an export."""

    name: str = field("Its path within the folder.")
    bytes: int = field("Its size.", unit="B")


@message
class ExportResult:
    """What was written; its outputs were compared with those of the trained model first."""

    folder: str = field("Where.")
    files: tuple[ExportedFile, ...] = field("All of them.", default=())


@message
class ReplayParams:
    """One step again."""

    run: str = field("An id, a unique beginning of one, `last`, or a folder.")
    step: int = field("From 1.")


@message
class RowPlace:
    """Where a row stands."""

    file: str = field("The data file.")
    line: int | None = field("From 1.", default=None)


@message
class ReplayResult:
    """The batch of a step, and its loss."""

    run: str = field("The run's id.")
    step: int = field("The step.")
    from_step: int = field("The checkpoint it was rebuilt from.")
    rows: tuple[RowPlace, ...] = field("The batch.", default=())
    loss: float = field("Computed now.")
    recorded: float | None = field("What the run wrote down.", default=None)
    exact: bool = field("Whether both are equal, bit for bit.", default=False)
    command: tuple[str, ...] = field("What rebuilds it under a debugger.", default=())


_ID = "20261125-101500-reviews-3fa1"
_MISSING = ("run.not-found", "run.ambiguous")

METHODS: tuple[Method, ...] = (
    Request(
        name="tunesmith/report",
        purpose="How good a run's model is: figures, tables, charts, hardest rows.",
        params=ReportParams,
        result=Report,
        doing="Reading the report",
        errors=(*_MISSING, "job.untrusted", "server.busy"),
        example={"run": _ID},
        answer={
            "run": _ID,
            "there": True,
            "headline": "The model is right for 91.0 % of the 800 held-out rows.",
            "metrics": {"accuracy": 0.91},
            "blocks": [
                {
                    "kind": "matrix",
                    "name": "confusion",
                    "title": "Confusion matrix",
                    "labels": ["bad", "good"],
                    "counts": [[180, 20], [52, 548]],
                }
            ],
        },
    ),
    Request(
        name="tunesmith/samples",
        purpose="Held-out rows with the model's answers: all, or those behind a cell of the confusion matrix.",
        params=SamplesParams,
        result=Samples,
        doing="Asking the model about held-out rows",
        errors=(*_MISSING, "run.no-report", "job.untrusted", "server.busy"),
        example={"run": _ID, "expected": "bad", "predicted": "good", "limit": 1},
        answer={
            "samples": [
                {"row": 17, "file": "/project/data/messages.csv", "line": 812, "expected": "bad", "predicted": "good"}
            ],
            "total": 20,
        },
    ),
    Request(
        name="tunesmith/predict",
        purpose="Ask a run's model, and the untuned one beside it if wanted.",
        params=PredictParams,
        result=PredictResult,
        doing="Asking the model",
        errors=(*_MISSING, "use.no-text-input", "job.untrusted", "server.busy", "server.outside-workspace"),
        example={"run": "last", "texts": ["Where is my parcel?"]},
        answer={
            "answers": [
                {"input": "Where is my parcel?", "answer": {"label": "delivery", "probabilities": {"delivery": 0.97}}}
            ]
        },
    ),
    Request(
        name="tunesmith/export",
        purpose="Write a run's model in a format that other programs open.",
        params=ExportParams,
        result=ExportResult,
        doing="Exporting the model",
        errors=(*_MISSING, "job.untrusted", "server.busy", "server.outside-workspace"),
        example={"run": "last", "format": "onnx"},
        answer={
            "folder": f"/project/.tunesmith/runs/{_ID}/export/onnx",
            "files": [{"name": "model.onnx", "bytes": 91000000}],
        },
    ),
    Request(
        name="tunesmith/replay",
        purpose="Rebuild one step of a run exactly: the rows of its batch and its loss.",
        params=ReplayParams,
        result=ReplayResult,
        doing="Rebuilding the step",
        errors=(*_MISSING, "run.no-such-step", "job.untrusted", "server.busy"),
        example={"run": _ID, "step": 312},
        answer={
            "run": _ID,
            "step": 312,
            "fromStep": 200,
            "rows": [{"file": "/project/data/messages.csv", "line": 44}],
            "loss": 2.31,
            "recorded": 2.31,
            "exact": True,
        },
    ),
)
