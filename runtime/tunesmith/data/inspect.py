"""What `check` and the start of a run tell of the data, whatever the task."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunesmith.data.collect import ANSWERS, IMAGE_ROLE
from tunesmith.data.resampling import class_weights, counts_after
from tunesmith.data.rows import Rows
from tunesmith.errors import Place, Problem, Severity

if TYPE_CHECKING:
    from tunesmith.data.load import DataSet
    from tunesmith.job.job import Job
    from tunesmith.tasks.contract import Facts

UNEQUAL = 3.0
"""Largest to smallest class from which on the counts are told."""
VERY_UNEQUAL = 10.0
"""... and from which on a remedy is advised."""
SHOWN = 5
LISTED_LABELS = 12


def inspect_data(job: Job, dataset: DataSet, facts: Facts) -> list[Problem]:
    """Warnings and notes: data.leaked-rows, data.contradicting-rows, data.single-row-label, data.imbalance,
    data.skipped-rows. None of them stops a run."""
    found = [*_repeated(dataset), *_single_row_labels(job, facts), *_imbalance(job, facts)]
    if dataset.skipped:
        lines = ", ".join(str(problem.place) for problem in dataset.skipped[:SHOWN])
        found.append(
            Problem(
                code="data.skipped-rows",
                message=f"{len(dataset.skipped)} bad rows are skipped",
                place=dataset.skipped[0].place,
                found=lines + (", ..." if len(dataset.skipped) > SHOWN else ""),
                hint="mend them; the run keeps the whole list",
                severity="warning",
            )
        )
    return found


def _repeated(dataset: DataSet) -> Iterator[Problem]:
    """Rows whose inputs stand in train and elsewhere, or twice in train with different labels."""
    parts = {name: rows for name, rows in (("validation", dataset.validation), ("test", dataset.test)) if rows}
    key = _input_key([dataset.train, *parts.values()])
    labels = dataset.train.columns.get("label")
    first: dict[Hashable, int] = {}
    contradictions = []
    for row in range(len(dataset.train)):
        before = first.setdefault(key(dataset.train, row), row)
        if before != row and labels is not None and repr(labels[before]) != repr(labels[row]):
            contradictions.append(f"{dataset.train.place(before)} and {dataset.train.place(row)}")
    if contradictions:
        yield Problem(
            code="data.contradicting-rows",
            message=f"{len(contradictions)} training rows repeat an earlier one with another label",
            place=Place(file=dataset.train.files[0]),
            found=_listed(contradictions),
            hint="decide which label is right",
            severity="warning",
        )
    for name, rows in parts.items():
        pairs = [(row, first[found]) for row in range(len(rows)) if (found := key(rows, row)) in first]
        if pairs:
            yield Problem(
                code="data.leaked-rows",
                message=f"{len(pairs)} of {len(rows)} rows of {name} also stand in train: its metric will flatter",
                place=rows.place(pairs[0][0]),
                found=_listed([f"{rows.place(row)} = {dataset.train.place(twin)}" for row, twin in pairs]),
                hint="remove the repetitions from one of them",
                severity="warning",
            )


def _listed(items: Sequence[str]) -> str:
    return "; ".join(items[:SHOWN]) + ("; ..." if len(items) > SHOWN else "")


def _input_key(parts: Sequence[Rows]) -> Callable[[Rows, int], Hashable]:
    """Gives the inputs of a row in comparable form. Images are compared by content, read only where sizes are equal."""
    roles = sorted(set(parts[0].columns) - ANSWERS)
    sizes = Counter(_size(value) for rows in parts for value in rows.columns.get(IMAGE_ROLE, ()))
    digests: dict[str, Hashable] = {}

    def comparable(role: str, value: Any) -> Hashable:
        if role == IMAGE_ROLE and isinstance(value, str):
            if sizes[_size(value)] < 2:
                return value
            if value not in digests:
                digests[value] = hashlib.sha256(Path(value).read_bytes()).digest()
            return digests[value]
        if isinstance(value, str):
            return value.strip()
        if hasattr(value, "tobytes"):  # repr() of a large array leaves most of it out
            return hashlib.sha256(value.tobytes()).digest()
        return value if value is None or isinstance(value, (int, float, bytes)) else repr(value)

    return lambda rows, row: tuple(comparable(role, rows.columns[role][row]) for role in roles)


def _size(value: Any) -> int:
    try:
        return Path(value).stat().st_size
    except (OSError, TypeError, ValueError):
        return -1


def _single_row_labels(job: Job, facts: Facts) -> Iterator[Problem]:
    single = [label for label, count in zip(facts.labels, facts.counts, strict=False) if count == 1]
    if single:
        yield Problem(
            code="data.single-row-label",
            message="one training row is too few to learn a label, and leaves none to measure it by",
            place=Place(file=job.file, key="data.label"),
            found=", ".join(single[:LISTED_LABELS]) + (", ..." if len(single) > LISTED_LABELS else ""),
            hint="add rows of it, join it with another label, or leave it out",
            severity="warning",
        )


def _imbalance(job: Job, facts: Facts) -> Iterator[Problem]:
    """Counts before and after the chosen remedy; a warning where there should be one and is none."""
    counts = [count for count in facts.counts if count]
    how = job.data.imbalance
    if facts.values.get("target", "class") != "class" or len(counts) < 2:
        return
    ratio = max(counts) / min(counts)
    if ratio < UNEQUAL and how == "none":
        return
    advised = ratio >= VERY_UNEQUAL and how == "none"
    severity: Severity = "warning" if advised else "info"
    yield Problem(
        code="data.imbalance",
        message=f"the largest class has {ratio:.3g} times the rows of the smallest; {_remedy(facts.counts, how)}",
        place=Place(file=job.file, key="data.imbalance"),
        found=_counted(facts, how),
        hint="set `imbalance: weighted-loss` under `data:`, and watch f1_macro, not accuracy" if advised else "",
        severity=severity,
    )


def _remedy(counts: Sequence[int], how: str) -> str:
    after = round(sum(counts_after(counts, how)))
    return {
        "weighted-loss": "a row counts " + _span(class_weights(counts)) + " in the loss",
        "oversample": f"rows of small classes are repeated: {after} rows an epoch instead of {sum(counts)}",
        "undersample": f"rows of large classes are left out: {after} rows an epoch instead of {sum(counts)}",
        "focal": "the focal loss makes rows that are predicted well count less",
    }.get(how, "no remedy is chosen")


def _span(weights: Sequence[float]) -> str:
    return f"{min(weight for weight in weights if weight):.3g} to {max(weights):.3g} times"


def _counted(facts: Facts, how: str) -> str:
    after = counts_after(facts.counts, how)
    told = [
        f"{label} {count}" + (f" -> {then:.4g}" if how not in ("none", "focal") else "")
        for label, count, then in zip(facts.labels, facts.counts, after, strict=True)
    ]
    rest = len(told) - LISTED_LABELS
    return ", ".join(told[:LISTED_LABELS]) + (f" and {rest} more" if rest > 0 else "")
