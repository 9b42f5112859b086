"""What `check` and the start of a run report of the rows: what the task finds, and what concerns any task."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from inspect import signature
from itertools import islice
from typing import TYPE_CHECKING, Any

from tunesmith.checks.labels import check_labels
from tunesmith.checks.near_duplicates import near_duplicates
from tunesmith.data.arrays import first_equal
from tunesmith.data.distinct import distinct
from tunesmith.data.division import leaks
from tunesmith.data.duplicates import input_digests
from tunesmith.data.rows import Rows, named_places
from tunesmith.data.time_left import TimeLeft
from tunesmith.data.values import label_name
from tunesmith.errors import Place, Problem

if TYPE_CHECKING:
    from tunesmith.catalog import Catalog
    from tunesmith.contracts.model import TextFormat
    from tunesmith.contracts.task import Facts
    from tunesmith.data.dataset import DataSet
    from tunesmith.data.features import Features
    from tunesmith.job.job import Job

LISTED = 5
"""Pairs of equal rows that are named."""


def check_data(
    job: Job,
    dataset: DataSet,
    facts: Facts,
    catalog: Catalog,
    reads: TextFormat | None,
    features: Mapping[str, Features] | None = None,
    on_progress: Callable[[str], None] = lambda message: None,
) -> list[Problem]:
    """Every finding in the rows: what the task finds in each part and between parts, and `common_findings`.

    `reads` is how the model reads text, if it does; `features` are by part what is encoded already. A finding
    about a key of the job is reported for one part only, and none is reported twice. `on_progress` is called
    again and again with how far it has come.
    """
    task = catalog.tasks[job.task]
    takes_features = "features" in signature(task.module.check_rows).parameters
    found: list[Problem] = []
    for name, rows in (("train", dataset.train), ("validation", dataset.validation), ("test", dataset.test)):
        if rows:
            known = {(problem.code, problem.place.key) for problem in found if problem.place.key}
            more = {"features": features[name]} if takes_features and features and name in features else {}
            followed = replace(rows, on_part=partial(_looked_at, on_progress, TimeLeft(), name, len(rows)))
            of_part = task.call("check_rows", job, followed, facts, reads, **more)
            same = set(found)
            found += [
                problem for problem in of_part if (problem.code, problem.place.key) not in known and problem not in same
            ]
    on_progress("comparing rows with each other")
    found += leaks(job, catalog, dataset)
    found += near_duplicates(dataset, task.member)
    return [*found, *common_findings(job, dataset, facts)]


def _looked_at(on_progress: Callable[[str], None], left: TimeLeft, part: str, rows: int, done: int) -> None:
    on_progress(f"looking at rows: {done:,} of {rows:,} ({100 * done // rows}%) of {part}{left(done / rows)}")


def common_findings(job: Job, dataset: DataSet, facts: Facts) -> list[Problem]:
    """Warnings and notes whatever the task, which stop no run: repeated and contradicting rows, scarce labels,
    imbalance, skipped rows."""
    found = [
        *dataset.notes,
        *_divided(job, dataset),
        *_dropped(job, dataset),
        *_repeated(dataset),
        *check_labels(job, dataset, facts),
    ]
    if dataset.skipped:
        found.append(
            Problem(
                code="data.skipped-rows",
                message=f"{len(dataset.skipped)} bad rows{_spanning(dataset)} are skipped",
                place=dataset.skipped[0].place,
                found=named_places([problem.place for problem in dataset.skipped], len(dataset.skipped)),
                hint="mend them; the run keeps the whole list",
                severity="warning",
            )
        )
    return found


def _repeated(dataset: DataSet) -> Iterator[Problem]:
    """Rows whose inputs stand in train and elsewhere, or twice in train with different labels."""
    parts = {name: rows for name, rows in (("validation", dataset.validation), ("test", dataset.test)) if rows}
    train = dataset.train
    first = first_equal(*input_digests([train, *parts.values()], dataset.prints))
    if first is None:
        return
    if "label" in train.columns:
        labels = distinct(train.columns["label"])
        meant = [_meant(cell) for cell in labels.values]
        contradicting, total = _counted(
            (before, row)
            for row, before in zip(range(len(train)), first, strict=False)
            if before != row
            and labels.codes[before] != labels.codes[row]
            and meant[labels.codes[before]] != meant[labels.codes[row]]
        )
        if contradicting:
            yield Problem(
                code="data.contradicting-rows",
                message=f"{total} training rows repeat an earlier one with another label",
                place=Place(file=train.files[0]),
                found=_listed(
                    [(train.place(before), train.place(row)) for before, row in contradicting],
                    total,
                    " and ",
                ),
                hint="decide which label is right",
                severity="warning",
            )
    if len(parts) == 2:
        yield from _chosen_by(parts["test"], parts["validation"], len(train), first)
    begin = len(train)
    for name, rows in parts.items():
        leaked = ((row, twin) for row, twin in enumerate(first[begin : begin + len(rows)]) if twin < len(train))
        pairs, total = _counted(leaked)
        begin += len(rows)
        if pairs:
            yield Problem(
                code="data.leaked-rows",
                message=f"{total} of {len(rows)} rows of {name} also stand in train: its metric will flatter",
                place=rows.place(pairs[0][0]),
                found=_listed([(rows.place(row), train.place(twin)) for row, twin in pairs], total, " = "),
                hint="write `duplicates: drop` under `data:`, which takes them out of train",
                severity="warning",
            )


def _counted(pairs: Iterable[tuple[int, int]]) -> tuple[list[tuple[int, int]], int]:
    """The first of the pairs, and how many there are: of millions of rows, not all are kept."""
    rest = iter(pairs)
    first = list(islice(rest, LISTED))
    return first, len(first) + sum(1 for _ in rest)


def _chosen_by(test: Rows, validation: Rows, begin: int, first: Sequence[int]) -> Iterator[Problem]:
    """Test rows that stand in validation, too: `first` says of the rows of all parts which is the first equal one, and
    the first of validation is row `begin`."""
    end = begin + len(validation)
    chosen = ((row, twin - begin) for row, twin in enumerate(first[end : end + len(test)]) if begin <= twin < end)
    pairs, total = _counted(chosen)
    if pairs:
        yield Problem(
            code="data.leaked-rows",
            message=f"{total} of {len(test)} rows of test also stand in validation, which chooses the checkpoint: its "
            "metric will flatter",
            place=test.place(pairs[0][0]),
            found=_listed([(test.place(row), validation.place(twin)) for row, twin in pairs], total, " = "),
            hint="test on rows that stand nowhere else, or write `test: none`",
            severity="warning",
        )


def _listed(pairs: Sequence[tuple[Place, Place]], total: int, between: str) -> str:
    """The places of equal rows, and how many more there are."""
    more = f" and {total - len(pairs):,} more" if total > len(pairs) else ""
    return "; ".join(f"{one}{between}{other}" for one, other in pairs) + more


def _meant(cell: Any) -> Any:
    """A label cell without what makes no difference, such as a space at its end."""
    return [label_name(item) for item in cell] if isinstance(cell, (list, tuple)) else label_name(cell)


def _spanning(dataset: DataSet) -> str:
    """How many lines the bad rows took with them, where those are more: a quote that is not closed takes many."""
    return f" ({dataset.skipped_lines} lines)" if dataset.skipped_lines > len(dataset.skipped) else ""


def _divided(job: Job, dataset: DataSet) -> Iterator[Problem]:
    if dataset.division:
        place = Place(file=job.file, key="data.split")
        yield Problem(code="data.divided", message=dataset.division, place=place, severity="info")


def _dropped(job: Job, dataset: DataSet) -> Iterator[Problem]:
    if dataset.dropped:
        yield Problem(
            code="data.dropped-rows",
            message=f"{sum(dataset.dropped.values())} repeated rows are left out, as `duplicates: drop` asks",
            place=Place(file=job.file, key="data.duplicates"),
            found=", ".join(f"{count} of {part}" for part, count in dataset.dropped.items()),
            severity="info",
        )
