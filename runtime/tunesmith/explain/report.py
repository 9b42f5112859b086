"""The report on a run's model: figures, pictures, the hardest rows, and a page in plain words.

| file             | what it holds                                                                     |
|------------------|-----------------------------------------------------------------------------------|
| metrics.json     | every figure, the headline, words and warnings, and which files there are          |
| report.md        | the same to read                                                                  |
| blocks.json      | what is drawn: tables, matrices, charts, texts, each by its kind                  |
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
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tunesmith import guarded
from tunesmith.contracts.model import LoadedModel
from tunesmith.contracts.task import REPORTED_ROWS, Facts, Outputs, TaskRuntime
from tunesmith.data.dataset import DataSet
from tunesmith.data.features import Features, rows_of
from tunesmith.data.features import count as count_of
from tunesmith.data.rows import Rows
from tunesmith.errors import missing_extra
from tunesmith.explain.curve_words import curve_summary
from tunesmith.explain.curves import Curve, read_curves
from tunesmith.explain.drawing import font_note, noting_missing_letters, plots_available
from tunesmith.explain.hardest import hardest_rows, write_hardest
from tunesmith.explain.page import report_page
from tunesmith.explain.pictures import curves_picture, picture_of
from tunesmith.files import read_regular, write_atomic, write_json
from tunesmith.guarded import digest_of, write_guarded
from tunesmith.job.job import Job
from tunesmith.judged import NOTHING_TO_JUDGE, Judged, plural
from tunesmith.methods.parts.model_parts import model_parts, part_phrases
from tunesmith.train.evaluate import figures_of

FORMAT = 1
LARGEST_SUMMARY = 64_000_000  # bytes
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Held-out rows, what the task makes of them, the model's outputs for them, and the figures of these.

    `answers`: where the task writes, those of the first rows.
    """

    rows: Rows
    features: Features
    outputs: Outputs
    metrics: Mapping[str, float]
    answers: Sequence[Any] | None = None

    @classmethod
    def of(
        cls, task: TaskRuntime, rows: Rows, features: Features, outputs: Outputs, answer: Callable[[Rows], list[Any]]
    ) -> Measured:
        """With the figures of `outputs`, and of what `answer` gives for the first rows where the task writes."""
        metrics, answers = figures_of(task, outputs, features), None
        if task.writes:
            answered = rows.select(range(min(len(rows), REPORTED_ROWS)))
            answers = answer(answered)
            metrics |= task.answer_metrics(answers, answered)
        return cls(rows=rows, features=features, outputs=outputs, metrics=metrics, answers=answers)


def write_reports(
    folder: Path,
    *,
    job: Job,
    facts: Facts,
    task: TaskRuntime,
    parts: Mapping[str, Measured],
    series_folder: Path,
    about: Sequence[str] = (),
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
            answers=None if part is None else part.answers,
            metrics={} if part is None else part.metrics,
            series_folder=series_folder,
            about=about,
            nothing_learnt=nothing_learnt,
            doubts=doubts,
            test=test,
        )
        test = summary if name == "test" else None


def about_run(data: DataSet, model: LoadedModel) -> list[str]:
    """How the rows are divided, where anything stays together, and which parts of the model are tuned."""
    parts = f"Tuned: {'; '.join(part_phrases(model_parts(model)))}."
    return [data.division, parts] if data.division else [parts]


def write_report(
    folder: Path,
    *,
    job: Job,
    facts: Facts,
    task: TaskRuntime,
    outputs: Outputs | None,
    features: Features | None,
    rows: Rows | None,
    metrics: Mapping[str, float],
    answers: Sequence[Any] | None = None,
    series_folder: Path,
    about: Sequence[str] = (),
    nothing_learnt: str = "",
    doubts: Sequence[str] = (),
    test: Mapping[str, Any] | None = None,
    pictures: bool = True,
) -> dict[str, Any]:
    """Write the report into `folder` and return what metrics.json holds.

    `outputs`, `features` and `rows` are those of the held-out rows, in the same order; all None or empty where there
    are none: then the report is about the training alone. `about` are sentences on the rows and the model.
    `nothing_learnt` says why the training changed nothing, if so, and stands in the headline; `doubts` of the data and
    the training come before the warnings about figures. `test` is what the report on the test rows returned: its
    headline and figures stand first. Without matplotlib (or with `pictures` off) there are no PNG files, and the report
    says so. An old report in `folder` is replaced, file by file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    curves = read_curves(series_folder)
    curve_figures, curve_told = curve_summary(curves)
    judged, hardest = _judge(task, outputs, features, rows, answers)
    drawn, notes = _draw(folder, judged, curves, job.evaluation.metric, pictures=pictures)
    files = dict(judged.files)
    if judged.blocks:
        files["blocks.json"] = {"blocks": [block.as_json() for block in judged.blocks]}
    for name, content in files.items():
        write_json(folder / name, content)
    if hardest:
        write_hardest(folder / "hardest.jsonl", hardest)
    arrays = outputs is not None and len(outputs) > 0
    if outputs is not None and arrays:
        write_atomic(folder / "validation.npz", _arrays(outputs, features))
    kept = [*files, *["hardest.jsonl"] * bool(hardest), *["validation.npz"] * arrays, *drawn]
    _remove_stale(folder, kept)
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
        "rows": 0 if outputs is None else len(outputs if rows is None else rows),
        "headline": f"Nothing was learnt: {nothing_learnt}. {headline}" if nothing_learnt else headline,
        "warnings": [*doubts, *of_test, *judged.warnings],
        "words": [*about, *judged.words, *curve_told],
        "notes": notes,
        "metrics": {name: float(value) for name, value in metrics.items()},
        **({} if test is None else {"test": {name: test[name] for name in ("rows", "headline", "metrics")}}),
        **judged.sections,
        "curves": curve_figures,
        "files": sorted([*kept, "metrics.json", "report.md"]),
    }
    write_atomic(folder / "report.md", report_page(summary, judged.blocks, hardest))
    # Last, with what guards the others: killed before this, they can be told from those of the report before.
    summary["sha256"] = {name: digest_of((folder / name).read_bytes()) for name in (*kept, "report.md")}
    write_guarded(folder / "metrics.json", summary)
    return summary


def _remove_stale(folder: Path, kept: Sequence[str]) -> None:
    """Files of a report that was here before and had more."""
    try:
        before = guarded.decode(read_regular(folder / "metrics.json", most=LARGEST_SUMMARY)).get("files")
    except (OSError, guarded.DamagedFileError):
        before = None
    named = {name for name in before or () if isinstance(name, str) and Path(name).name == name}
    for stale in named - {*kept, "metrics.json", "report.md"}:
        (folder / stale).unlink(missing_ok=True)


def _judge(
    task: TaskRuntime,
    outputs: Outputs | None,
    features: Features | None,
    rows: Rows | None,
    answers: Sequence[Any] | None,
) -> tuple[Judged, list[dict[str, Any]]]:
    if outputs is None or features is None or not len(outputs):
        return NOTHING_TO_JUDGE, []
    judged = task.judge(outputs, features, rows, answers)
    if rows is not None and (odd := _not_finite(outputs, features, len(rows))):
        where = f"Outputs are not finite for {plural(len(odd), 'row')}: {rows.named(odd)}."
        judged = replace(judged, warnings=[*judged.warnings, where])
    losses = np.asarray(task.row_losses(outputs, features), dtype=np.float64)
    return judged, hardest_rows(losses, rows=rows, expected=judged.expected, predicted=judged.predicted)


def _not_finite(outputs: Outputs, features: Features, count: int) -> list[int]:
    """The rows for which the model gave a number that is none, where each output belongs to one row."""
    if isinstance(outputs, np.ndarray):
        odd = ~np.isfinite(outputs.reshape(len(outputs), -1)).all(axis=1)
    else:
        odd = np.asarray([not np.isfinite(each).all() for each in outputs])
    samples = np.flatnonzero(odd)
    if len(outputs) == count_of(features):
        return [int(row) for row in np.unique(rows_of(features, samples))]
    return samples.tolist() if len(outputs) == count else []


def _draw(
    folder: Path, judged: Judged, curves: Mapping[str, Curve], metric: str, *, pictures: bool
) -> tuple[list[str], list[str]]:
    """The pictures written, and what is to be said about pictures that are not."""
    if not pictures:
        return [], []
    if not plots_available():
        problem = missing_extra("plots", "matplotlib", "drawing pictures").problem
        return [], [f"{problem.message}: this report has none. To add them: {problem.hint}, then tunesmith report."]
    wanted: dict[str, Callable[[], bytes | None]] = {
        f"{block.name}.png": partial(picture_of, block) for block in judged.blocks if block.kind in ("matrix", "chart")
    }
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


def _arrays(outputs: Outputs, features: Features | None) -> bytes:
    """Outputs (of samples of unequal size joined, with the length of each) and, where they are plain arrays, targets in
    numpy's format."""
    content: dict[str, NDArray[Any]] = {}
    if isinstance(outputs, np.ndarray):
        content["outputs"] = outputs
    else:
        content["outputs"] = np.concatenate(outputs)
        content["lengths"] = np.array([len(each) for each in outputs], np.int64)
    target = features.get("target") if features is not None else None
    if isinstance(target, np.ndarray) and not target.dtype.hasobject:
        content["target"] = target
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **content)  # type: ignore[arg-type]  # numpy's stub takes the keywords for its flag
    return buffer.getvalue()
