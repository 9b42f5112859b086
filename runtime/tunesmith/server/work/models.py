"""The trained models of runs: reports, rows, answers, exports, steps. These import torch."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from tunesmith.errors import TunesmithError
from tunesmith.protocol.codec import encode
from tunesmith.protocol.use import Answer, ExportedFile, ExportResult, PredictResult, Sample, Samples
from tunesmith.runs.folder import RunFolder
from tunesmith.server.messages.report import sample
from tunesmith.server.work.fresh import forget_project_code

FOUND = 10
"""Rows of a file that are named for each text that is looked for."""

os.environ.setdefault("TQDM_DISABLE", "1")  # bars of libraries would end up in the client's window of errors


def measure_again(*, run: str, checkpoint: str, trusted: bool) -> Any:
    """Rewrites the report; returns notes."""
    from tunesmith.use.evaluate import measure

    forget_project_code()
    return list(measure(RunFolder(Path(run)), checkpoint=checkpoint, trusted=trusted))


def predict(
    *,
    run: str,
    texts: Sequence[str],
    file: str | None,
    checkpoint: str,
    limit: int,
    max_new_tokens: int,
    temperature: float,
    seed: int,
    untuned: bool,
    trusted: bool,
) -> Any:
    """A `PredictResult`."""
    from tunesmith.use.generate import answered
    from tunesmith.use.inputs import gather
    from tunesmith.use.load import before_tuning, load_run
    from tunesmith.use.predict import input_of, search, text_rows

    forget_project_code()
    loaded = load_run(RunFolder(Path(run)), checkpoint=checkpoint, trusted=trusted)
    groups = [text_rows(loaded, texts)] if texts else []
    looked_at: list[Any] = []
    if file is not None:
        read = gather(loaded, [file], Path(file).parent, trusted=trusted)
        if loaded.task.searches and texts:  # they are looked for in the file, whole
            looked_at = read
        else:
            groups += [rows.select(range(min(limit, len(rows)))) for rows in read]
    began = time.perf_counter()

    def answers_of(model: Any) -> list[dict[str, Any]]:
        if looked_at:
            return search(model, groups[0], looked_at, most=FOUND)
        return [
            each
            for rows in groups
            for _, some in answered(model, rows, max_new_tokens=max_new_tokens, temperature=temperature, seed=seed)
            for each in some
        ]

    tuned = answers_of(loaded)
    seconds = time.perf_counter() - began
    before = answers_of(before_tuning(loaded, trusted=trusted)) if untuned else [None] * len(tuned)
    places = [(rows.place(row), input_of(rows, row)) for rows in groups for row in range(len(rows))]
    typed = len(texts)
    listed = tuple(
        Answer(
            input=shown,
            answer=answer,
            untuned=earlier,
            file=None if number < typed else str(place.file),
            line=None if number < typed else place.line,
        )
        for number, ((place, shown), answer, earlier) in enumerate(zip(places, tuned, before, strict=True))
    )
    return encode(PredictResult(answers=listed, notes=loaded.notes, seconds=seconds))


def export(*, run: str, to: str, format: str, checkpoint: str, force: bool, trusted: bool) -> Any:
    """An `ExportResult`."""
    from tunesmith.use.export import export as write

    forget_project_code()
    written = write(
        RunFolder(Path(run)),
        Path(to),
        format="" if format == "auto" else format,
        checkpoint=checkpoint,
        force=force,
        trusted=trusted,
    ).resolve()
    files = sorted(path for path in written.rglob("*") if path.is_file())
    return encode(
        ExportResult(
            folder=str(written),
            files=tuple(
                ExportedFile(name=path.relative_to(written).as_posix(), bytes=path.stat().st_size) for path in files
            ),
        )
    )


def samples(
    *,
    run: str,
    expected: str | None,
    predicted: str | None,
    order: str,
    offset: int,
    limit: int,
    stamp: float,
    trusted: bool,
) -> Any:
    """`Samples`. `stamp` changes when the run's model does: what was computed for the same one is used again.

    Raises run.no-report where the run has no held-out rows to show.
    """
    every, write = _all_samples(run, stamp, trusted)
    fitting = [
        each
        for each in every
        if (expected is None or str(each.expected) == expected)
        and (predicted is None or str(each.predicted) == predicted)
    ]
    if order == "file":
        fitting.sort(key=lambda each: each.row)
    shown = fitting[offset : offset + limit]
    if write is not None and shown:
        texts = write([each.row for each in shown])
        shown = [replace(each, predicted=text) for each, text in zip(shown, texts, strict=True)]
    return encode(Samples(samples=tuple(shown), total=len(fitting)))


@lru_cache(maxsize=2)
def _all_samples(  # the cache's key is what it is given
    run: str,
    stamp: float,
    trusted: bool,  # noqa: FBT001
) -> tuple[list[Sample], Callable[[list[int]], list[Any]] | None]:
    """Every held-out row with the model's answer, hardest first; where the answers are texts, what writes those of some
    rows: to write all would take minutes."""
    from tunesmith.data.load import load_data
    from tunesmith.explain.hardest import hardest_rows
    from tunesmith.use.load import load_run
    from tunesmith.use.predict import answers_of_rows, features_and_outputs

    forget_project_code()
    loaded = load_run(RunFolder(Path(run)), trusted=trusted)
    rows = load_data(loaded.job, loaded.catalog, trusted=trusted, fingerprinted=False).validation
    if rows is None or not len(rows):
        raise TunesmithError("run.no-report", "this run has no held-out rows", found=run)
    features, outputs = features_and_outputs(loaded, rows)
    losses = loaded.task.row_losses(outputs, features)
    predicted = loaded.task.decode(outputs, features, rows)
    member = loaded.catalog.tasks[loaded.job.task].member
    answers = next((rows.columns[role] for role in rows.columns if member.columns[role].answer), [None] * len(rows))
    expected = list(answers)
    found = hardest_rows(losses, rows=rows, expected=expected, predicted=predicted, most=len(rows))
    write = (lambda chosen: answers_of_rows(loaded, rows.select(chosen))) if loaded.task.writes else None
    return [sample(each) for each in found], write
