"""A run's report folder as a message."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tunesmith.protocol.use import Confusion, Report, Sample
from tunesmith.runs.folder import RunFolder
from tunesmith.server.details import numbers, read_json


def report(run: RunFolder, notes: tuple[str, ...] = ()) -> Report:
    """What stands in report/; `there` is false where there is none."""
    folder = run.report_folder
    summary = read_json(folder / "metrics.json")
    if not summary:
        return Report(run=run.id, there=False, folder=str(folder))
    metrics = summary.get("metrics")
    return Report(
        run=run.id,
        there=True,
        headline=str(summary.get("headline", "")),
        warnings=(*notes, *_texts(summary.get("warnings"))),
        words=_texts(summary.get("words")),
        metrics=numbers(metrics) if isinstance(metrics, Mapping) else {},
        summary=summary,
        confusion=_confusion(read_json(folder / "confusion.json")),
        hardest=_hardest(folder / "hardest.jsonl"),
        folder=str(folder),
        files=_texts(summary.get("files")),
    )


def _texts(found: Any) -> tuple[str, ...]:
    return tuple(str(item) for item in found) if isinstance(found, list) else ()


def _confusion(found: Mapping[str, Any]) -> Confusion | None:
    counts = found.get("counts")
    if not isinstance(counts, list) or not all(isinstance(row, list) for row in counts):
        return None
    rows = tuple(tuple(int(count) for count in row) for row in counts)
    shares = tuple(tuple(count / max(1, sum(row)) for count in row) for row in rows)
    return Confusion(labels=_texts(found.get("labels")), counts=rows, shares=shares)


def _hardest(path: Path) -> tuple[Sample, ...]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return ()
    return tuple(sample(json.loads(line)) for line in lines)


def sample(found: Mapping[str, Any]) -> Sample:
    """One row of hardest.jsonl, or of the like."""
    expected, predicted = found.get("expected"), _answer(found.get("predicted"))
    return Sample(
        row=int(found.get("row", 0)),
        file=found.get("file"),
        line=found.get("line"),
        values=found.get("values") or {},
        expected=expected,
        predicted=predicted,
        loss=numbers({"loss": found.get("loss")}).get("loss"),
        right=_right(expected, predicted),
    )


def _answer(said: Any) -> Any:
    """What an answer comes down to, without its probabilities."""
    if not isinstance(said, Mapping):
        return said
    return next((said[name] for name in ("label", "labels", "value", "values", "text") if name in said), None)


def _right(expected: Any, predicted: Any) -> bool | None:
    if isinstance(expected, str) and isinstance(predicted, str):
        return expected == predicted
    if isinstance(expected, list) and isinstance(predicted, list):
        return sorted(map(str, expected)) == sorted(map(str, predicted))
    return None
