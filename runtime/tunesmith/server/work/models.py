"""The trained models of runs: reports, rows, answers, exports, steps. These import torch."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunesmith.errors import TunesmithError
from tunesmith.protocol.codec import encode
from tunesmith.protocol.use import Answer, ExportedFile, ExportResult, PredictResult, Sample, Samples
from tunesmith.runs.folder import RunFolder
from tunesmith.server.messages.report import answer_of, sample
from tunesmith.server.work.fresh import forget_project_code

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tunesmith.data.rows import Rows

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
    judged = _judged(run, stamp, trusted)
    fitting, total = judged.fitting(expected, predicted, by_file=order == "file")
    shown = [judged.sample(row) for row in islice(fitting, offset, offset + limit)]
    if judged.write is not None and shown:
        texts = judged.write([each.row for each in shown])
        shown = [replace(each, predicted=text) for each, text in zip(shown, texts, strict=True)]
    return encode(Samples(samples=tuple(shown), total=total))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """The held-out rows with the model's answers. Of many rows, cells and answers are on the disk, and a row's sample
    is made when it is asked for.

    `hardest` are the rows, highest loss first. Where the answers are texts, `write` writes those of some rows: to write
    all would take minutes.
    """

    rows: Rows
    losses: NDArray[np.float64]
    hardest: NDArray[np.int64]
    expected: Sequence[Any]
    predicted: Sequence[Any]
    write: Callable[[list[int]], list[Any]] | None

    def fitting(self, expected: str | None, predicted: str | None, *, by_file: bool) -> tuple[Iterator[int], int]:
        """The rows of which the data and the model say this (None: anything), and how many there are."""
        order = range(len(self.rows)) if by_file else map(int, self.hardest)
        asked = [(self.expected, expected), (self.predicted, predicted)]
        fits = [bytearray(str(answer) == text for answer in answers) for answers, text in asked if text is not None]
        if not fits:
            return iter(order), len(self.rows)
        every = bytearray(map(all, zip(*fits, strict=True)))
        return (row for row in order if every[row]), every.count(1)

    def sample(self, row: int) -> Sample:
        """A row with its answer."""
        from tunesmith.explain.hardest import about_row

        return sample(about_row(row, self.losses, rows=self.rows, expected=self.expected, predicted=self.predicted))


@lru_cache(maxsize=2)
def _judged(  # the cache's key is what it is given
    run: str,
    stamp: float,
    trusted: bool,  # noqa: FBT001
) -> _Judged:
    from tunesmith.data.columns_on_disk import Gathered
    from tunesmith.data.load import load_data
    from tunesmith.explain.hardest import by_loss
    from tunesmith.use.load import load_run
    from tunesmith.use.predict import answers_of_rows, decoded, features_and_outputs

    forget_project_code()
    loaded = load_run(RunFolder(Path(run)), trusted=trusted)
    rows = load_data(loaded.job, loaded.catalog, trusted=trusted, fingerprinted=False).validation
    if rows is None or not len(rows):
        raise TunesmithError("run.no-report", "this run has no held-out rows", found=run)
    features, outputs = features_and_outputs(loaded, rows)
    losses = loaded.task.row_losses(outputs, features)
    predicted = Gathered(["answer"])
    for answers in decoded(loaded, rows, features, outputs):
        predicted.add({"answer": list(map(answer_of, answers))})
    columns = loaded.catalog.tasks[loaded.job.task].member.columns
    answers_given = (cells for role, cells in rows.columns.items() if columns[role].answer)
    return _Judged(
        rows=rows,
        losses=losses,
        hardest=by_loss(losses),
        expected=next(answers_given, [None] * len(rows)),
        predicted=predicted.columns()["answer"],
        write=(lambda chosen: answers_of_rows(loaded, rows.select(chosen))) if loaded.task.writes else None,
    )
