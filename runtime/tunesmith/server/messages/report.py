"""A run's report folder as a message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tunesmith import judged
from tunesmith.protocol.use import Block, Mark, MarkedText, Panel, Report, Sample, Span
from tunesmith.runs.folder import RunFolder
from tunesmith.runs.reports import read_report
from tunesmith.server.messages.run_details import numbers


def report(run: RunFolder, notes: tuple[str, ...] = ()) -> Report:
    """What stands in report/; `there` is false where there is none. Raises TunesmithError run.damaged-file."""
    folder = run.report_folder
    stored = read_report(run)
    if stored is None:
        return Report(run=run.id, there=False, folder=str(folder))
    return Report(
        run=run.id,
        there=True,
        headline=stored.headline,
        warnings=(*notes, *(problem.message for problem in stored.problems), *stored.warnings),
        words=stored.words,
        metrics=numbers(stored.figures),
        summary=stored.summary,
        blocks=tuple(map(_block, stored.blocks)),
        hardest=tuple(map(sample, stored.hardest)),
        folder=str(folder),
        files=stored.files,
    )


def _block(found: judged.Block) -> Block:
    head: dict[str, Any] = {"kind": found.kind, "name": found.name, "title": found.title}
    head["says"] = getattr(found, "says", "")
    if isinstance(found, judged.Table):
        rows = found.as_json()["rows"]  # without numbers that JSON does not know
        return Block(**head, header=tuple(found.header), cells=tuple(map(tuple, rows)))
    if isinstance(found, judged.Matrix):
        counts = tuple(map(tuple, found.counts.tolist()))
        return Block(**head, labels=tuple(found.labels), counts=counts, of_rows=found.of_rows)
    if isinstance(found, judged.Chart):
        return Block(**head, panels=tuple(map(_panel, found.panels)), columns=found.columns)
    return Block(**head, header=tuple(found.header), texts=tuple(tuple(map(_marked, row)) for row in found.rows))


def _panel(found: judged.Panel) -> Panel:
    marks = tuple(
        Mark(
            shape=mark.shape,
            x=tuple(mark.x.tolist()),
            y=tuple(mark.y.tolist()),
            label=mark.label,
            width=mark.width,
            reference=mark.reference,
        )
        for mark in found.marks
    )
    return Panel(title=found.title, x_label=found.x_label, y_label=found.y_label, marks=marks, unit=found.unit)


def _marked(found: judged.MarkedText) -> MarkedText:
    spans = tuple(Span(start=span.start, end=span.end, label=span.label, right=span.right) for span in found.spans)
    return MarkedText(text=found.text, spans=spans)


def sample(found: Mapping[str, Any]) -> Sample:
    """One row of hardest.jsonl, or of the like."""
    expected, predicted = found.get("expected"), answer_of(found.get("predicted"))
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


def answer_of(answer: Any) -> Any:
    """What an answer comes down to, without its probabilities."""
    if not isinstance(answer, Mapping):
        return answer
    return next((answer[name] for name in ("label", "labels", "value", "values", "text") if name in answer), None)


def _right(expected: Any, predicted: Any) -> bool | None:
    if isinstance(expected, str) and isinstance(predicted, str):
        return expected == predicted
    if isinstance(expected, list) and isinstance(predicted, list):
        return sorted(map(str, expected)) == sorted(map(str, predicted))
    return None
