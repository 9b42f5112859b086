"""The report on a run's model: figures, pictures, the hardest rows, and a page in plain words.

| file             | what it holds                                                                     |
|------------------|-----------------------------------------------------------------------------------|
| metrics.json     | every figure, the headline, words and warnings, and which files there are          |
| report.md        | the same to read                                                                  |
| confusion.json   | counts and row shares by true and predicted class, the pairs confused most often   |
| calibration.json | confidence against accuracy                                                       |
| hardest.jsonl    | the 50 rows with the highest loss, with file and line                             |
| validation.npz   | the outputs and targets that all of it was made from (no pickle)                  |
| *.png            | curves, confusion, calibration, areas, residuals, losses: what fits the task       |
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tunesmith.data.features import Features, Ragged
from tunesmith.data.rows import Rows
from tunesmith.errors import missing_extra
from tunesmith.explain.curve_words import curve_summary
from tunesmith.explain.curves import Curve, read_curves
from tunesmith.explain.drawing import font_note, noting_missing_letters, plots_available
from tunesmith.explain.hardest import hardest_rows, write_hardest
from tunesmith.explain.judge_class import judge_class
from tunesmith.explain.judge_labels import judge_labels
from tunesmith.explain.judge_number import judge_number
from tunesmith.explain.judge_token import judge_token
from tunesmith.explain.judged import Judged
from tunesmith.explain.page import report_page
from tunesmith.explain.pictures import curves_picture
from tunesmith.files import write_atomic, write_json
from tunesmith.guarded import digest_of, write_guarded
from tunesmith.job.job import Job
from tunesmith.members import unknown_target
from tunesmith.tasks.contract import Facts, TaskRuntime
from tunesmith.train.evaluate import figures_of

FORMAT = 1
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Held-out rows, what the task makes of them, the model's outputs for them, and the figures of these."""

    rows: Rows
    features: Features
    outputs: NDArray[np.float32]
    metrics: Mapping[str, float]

    @classmethod
    def of(cls, task: TaskRuntime, rows: Rows, features: Features, outputs: NDArray[np.float32]) -> Measured:
        """With the figures of `outputs`."""
        return cls(rows=rows, features=features, outputs=outputs, metrics=figures_of(task, outputs, features))


def write_reports(
    folder: Path,
    *,
    job: Job,
    facts: Facts,
    task: TaskRuntime,
    parts: Mapping[str, Measured],
    series_folder: Path,
    nothing_learnt: str = "",
    doubts: Sequence[str] = (),
) -> None:
    """Write the report on `parts` ("validation", "test"; either may be missing): test rows have theirs in `test/`, and
    stand first in the other, because they chose no checkpoint."""
    folder.mkdir(exist_ok=True)  # its parent is there, or the run has been moved away
    test: dict[str, Any] | None = None
    for name, target in (("test", folder / "test"), ("validation", folder)):
        part = parts.get(name)
        if part is None and name == "test":
            continue
        summary = write_report(
            target,
            job=job,
            facts=facts,
            task=task,
            outputs=None if part is None else part.outputs,
            features=None if part is None else part.features,
            rows=None if part is None else part.rows,
            metrics={} if part is None else part.metrics,
            series_folder=series_folder,
            nothing_learnt=nothing_learnt,
            doubts=doubts,
            test=test,
        )
        test = summary if name == "test" else None


def write_report(
    folder: Path,
    *,
    job: Job,
    facts: Facts,
    task: TaskRuntime,
    outputs: NDArray[np.float32] | None,
    features: Features | None,
    rows: Rows | None,
    metrics: Mapping[str, float],
    series_folder: Path,
    nothing_learnt: str = "",
    doubts: Sequence[str] = (),
    test: Mapping[str, Any] | None = None,
    pictures: bool = True,
) -> dict[str, Any]:
    """Write the report into `folder` and return what metrics.json holds.

    `outputs`, `features` and `rows` are those of the held-out rows, in the same order; all None or empty where there
    are none: then the report tells of the training alone. `nothing_learnt` says why the training changed nothing, if
    so, and stands in the headline; `doubts` of the data and the training come before the warnings about figures. `test`
    is what the report on the test rows returned: its headline and figures stand first. Without matplotlib (or with
    `pictures` off) there are no PNG files, and the report says so. An old report in `folder` is replaced, file by file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    curves = read_curves(series_folder)
    curve_figures, curve_told = curve_summary(curves)
    judged, hardest = _judge(job, facts, task, outputs, features, rows)
    drawn, notes = _draw(folder, judged, curves, job.evaluation.metric, pictures=pictures)
    for name, content in judged.files.items():
        write_json(folder / name, content)
    if hardest:
        write_hardest(folder / "hardest.jsonl", hardest)
    arrays = outputs is not None and len(outputs) > 0
    if outputs is not None and arrays:
        write_atomic(folder / "validation.npz", _arrays(outputs, features))
    kept = [*judged.files, *["hardest.jsonl"] * bool(hardest), *["validation.npz"] * arrays, *drawn]
    for stale in _STALE - set(kept):
        (folder / stale).unlink(missing_ok=True)
    headline, of_test = judged.headline, []
    if test is not None:
        headline = f"Test rows, the figures to believe: {test['headline']}"
        headline += f" Validation rows, which chose the checkpoint: {judged.headline}" if arrays else ""
        of_test = [f"Test rows: {text}" for text in test["warnings"] if text not in doubts]
    summary: dict[str, Any] = {
        "format": FORMAT,
        "task": job.task,
        "model": str(job.model.options.get("name", job.model.name)),
        "method": job.method.name,
        "target": str(facts.values.get("target", "")),
        "rows": 0 if outputs is None else len(outputs),
        "headline": f"Nothing was learnt: {nothing_learnt}. {headline}" if nothing_learnt else headline,
        "warnings": [*doubts, *of_test, *judged.warnings],
        "words": [*judged.words, *curve_told],
        "notes": notes,
        "metrics": {name: float(value) for name, value in metrics.items()},
        **({} if test is None else {"test": {name: test[name] for name in ("rows", "headline", "metrics")}}),
        **judged.sections,
        "curves": curve_figures,
        "files": sorted([*kept, "metrics.json", "report.md"]),
    }
    write_atomic(folder / "report.md", report_page(summary, judged.tables, hardest))
    # Last, with what guards the others: killed before this, they are told from those of the report before.
    summary["sha256"] = {name: digest_of((folder / name).read_bytes()) for name in (*kept, "report.md")}
    write_guarded(folder / "metrics.json", summary)
    return summary


_STALE = frozenset(
    {
        *("confusion.json", "calibration.json", "hardest.jsonl", "validation.npz"),
        *("curves.png", "confusion.png", "calibration.png", "areas.png", "residuals.png", "losses.png"),
    }
)
"""What a report may hold and another one may not: removed where an older report left it."""


def _judge(
    job: Job,
    facts: Facts,
    task: TaskRuntime,
    outputs: NDArray[np.float32] | None,
    features: Features | None,
    rows: Rows | None,
) -> tuple[Judged, list[dict[str, Any]]]:
    kind = str(facts.values.get("target", ""))
    if outputs is None or features is None or not len(outputs):
        return Judged(headline="There was no held-out row to judge the model by."), []
    precise = np.asarray(outputs, dtype=np.float64)
    losses = np.asarray(task.row_losses(outputs, features), dtype=np.float64)
    if kind not in _JUDGES:
        raise unknown_target(kind)
    judged = _JUDGES[kind](precise, facts, features, job)
    return judged, hardest_rows(losses, rows=rows, expected=judged.expected, predicted=judged.predicted)


def _judge_class(outputs: Floats, facts: Facts, features: Features, job: Job) -> Judged:
    return judge_class(outputs, np.asarray(_target(features), dtype=np.int64), facts.labels)


def _judge_labels(outputs: Floats, facts: Facts, features: Features, job: Job) -> Judged:
    return judge_labels(outputs, np.asarray(_target(features), dtype=np.float64), facts.labels)


def _judge_number(outputs: Floats, facts: Facts, features: Features, job: Job) -> Judged:
    predicted, targets = _in_unit(outputs, facts, features)
    names = _target_names(job, 1 if targets.ndim == 1 else targets.shape[1])
    judged = judge_number(predicted, targets, names)
    deviation = np.broadcast_to(np.asarray(facts.values.get("deviation", 1.0), np.float64), (len(names),))
    told = ", ".join(f"{name} {one:.4g}" for name, one in zip(names, deviation, strict=True))
    unit = f"The loss is counted in standard deviations of the target ({told}), MAE and RMSE in its own unit."
    return replace(judged, words=[*judged.words, unit])


_JUDGES: Mapping[str, Callable[[Floats, Facts, Features, Job], Judged]] = {
    "class": _judge_class,
    "classes": _judge_labels,
    "number": _judge_number,
    "token": lambda outputs, facts, features, job: judge_token(outputs),
}
"""By the kind of target."""


def _target_names(job: Job, count: int) -> list[str]:
    """The columns of the targets; numbered where one column holds several."""
    columns = list(job.data.columns.get("target", ("target",)))
    return columns if len(columns) == count else [f"{columns[0]} {place}" for place in range(1, count + 1)]


def _target(features: Features) -> NDArray[np.generic]:
    found = features["target"]
    return found.values if isinstance(found, Ragged) else found


def _in_unit(
    outputs: NDArray[np.float64], facts: Facts, features: Features
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Predicted and true numbers in the target's own unit: tasks train on standardised ones."""
    mean = np.asarray(facts.values.get("mean", 0.0), dtype=np.float64)
    deviation = np.asarray(facts.values.get("deviation", 1.0), dtype=np.float64)
    targets = np.asarray(_target(features), dtype=np.float64)
    return outputs.reshape(targets.shape) * deviation + mean, targets * deviation + mean


def _draw(
    folder: Path, judged: Judged, curves: Mapping[str, Curve], metric: str, *, pictures: bool
) -> tuple[list[str], list[str]]:
    """The pictures written, and what is to be said about pictures that are not."""
    if not pictures:
        return [], []
    if not plots_available():
        problem = missing_extra("plots", "matplotlib", "drawing pictures").problem
        return [], [f"{problem.message}: this report has none. To add them: {problem.hint}, then tunesmith report."]
    wanted: dict[str, Callable[[], bytes | None]] = dict(judged.pictures)
    if any(len(curve) for curve in curves.values()):
        wanted["curves.png"] = lambda: curves_picture(curves, metric)
    drawn = []
    with noting_missing_letters() as missing:
        for name, draw in wanted.items():
            content = draw()
            if content is not None:
                write_atomic(folder / name, content)
                drawn.append(name)
    return drawn, [font_note(missing)] if missing else []


def _arrays(outputs: NDArray[np.float32], features: Features | None) -> bytes:
    """Outputs and, where they are plain arrays, targets in numpy's format."""
    content: dict[str, NDArray[Any]] = {"outputs": outputs}
    target = features.get("target") if features is not None else None
    if isinstance(target, np.ndarray) and not target.dtype.hasobject:
        content["target"] = target
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **content)  # type: ignore[arg-type]  # numpy's stub takes the keywords for its flag
    return buffer.getvalue()
