"""What `check` and the start of a run report of the labels: their names, how many rows each has, what balances them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tunesmith.checks.label_names import MOST_LABELS, joined, no_values, pairs_of
from tunesmith.data.resampling import balanced_weights, class_weights, counts_after
from tunesmith.data.rows import NAMED
from tunesmith.data.values import label_name
from tunesmith.errors import Place, Problem, Severity
from tunesmith.shown import listed
from tunesmith.tasks.parts.number_cells import numbers

if TYPE_CHECKING:
    from tunesmith.contracts.task import Facts
    from tunesmith.data.dataset import DataSet
    from tunesmith.job.job import Job

UNEQUAL = 3.0
"""Largest to smallest class from which on the counts are reported."""
VERY_UNEQUAL = 10.0
"""... and from which on a remedy is advised."""
LISTED_LABELS = 12


def check_labels(job: Job, dataset: DataSet, facts: Facts) -> Iterator[Problem]:
    """Warnings and notes that stop no run: doubtful names, labels of too few rows, imbalance and its remedy."""
    yield from _unnamed(job, facts)
    yield from _similar(job, dataset, facts)
    yield from _scarce(job, facts)
    yield from _imbalance(job, facts)
    yield from _capped_weights(job, facts)
    yield from _one_target(job, dataset, facts)


def _unnamed(job: Job, facts: Facts) -> Iterator[Problem]:
    named = job.data.options.get("labels") or len(job.data.columns.get("label", ())) > 1
    if facts.values.get("label_cells") == "vectors" and not named:
        yield Problem(
            code="data.unnamed-labels",
            message=f"the cells hold 0 or 1 for each of {len(facts.labels)} labels, which go by their places",
            place=Place(file=job.file, key="data.labels"),
            found=listed(facts.labels, LISTED_LABELS),
            hint="name them in order under `data:`, such as `labels: [toxic, insult, threat]`",
            severity="info",
        )


def _similar(job: Job, dataset: DataSet, facts: Facts) -> Iterator[Problem]:
    """Labels that are likely one, that stand for no value, or that are several in one cell."""
    counts = dict(zip(facts.labels, facts.counts, strict=False))
    place = Place(file=dataset.train.files[0], key="data.label")
    if pairs := pairs_of(counts):
        named = [
            f"{rare!r} ({counts[rare]}{_rows_of(rare, dataset) if number < NAMED else ''}) and {usual!r} "
            f"({counts[usual]}): {why}"
            for number, (rare, usual, why) in enumerate(pairs)
        ]
        yield Problem(
            code="data.similar-labels",
            message=f"labels look like one written in two ways, and each counts on its own ({len(pairs)} found)",
            place=_place_of(pairs[0].rare, dataset) or place,
            found=listed(named, between="; "),
            hint="write each label in one way in the data, if they mean the same",
            severity="warning",
        )
    if len(counts) > MOST_LABELS:
        yield Problem(
            code="data.many-labels",
            message=f"{len(counts):,} labels are too many to look for typing mistakes among them",
            place=place,
            hint="look whether the label column is the right one",
            severity="info",
        )
    if empty := no_values(facts.labels):
        yield Problem(
            code="data.label-for-no-value",
            message="programs write this word where a value is missing; here it counts as a label",
            place=_place_of(empty[0], dataset) or place,
            found=listed([f"{label!r} ({counts[label]}{_rows_of(label, dataset)})" for label in empty], between="; "),
            hint="fill the labels in or remove the rows; ignore it if the word is meant",
            severity="warning",
        )
    if facts.values.get("target") == "class" and (found := joined(facts.labels)):
        separator, labels = found
        yield Problem(
            code="data.joined-labels",
            message=f"{len(labels)} labels look like several joined by `{separator}`, and each such text is one label",
            place=_place_of(labels[0], dataset) or place,
            found=listed([repr(label) for label in labels], between="; "),
            hint=f"write `label_separator: '{separator}'` under `data:` if a row may have several labels",
            severity="warning",
        )


def _rows_of(label: str, dataset: DataSet) -> str:
    """The training rows that have the label, as a user finds them."""
    cells = dataset.train.columns.get("label", ())
    found = [row for row, cell in enumerate(cells) if label_name(cell) == label]
    return f": {dataset.train.named(found)}" if found else ""


def _place_of(label: str, dataset: DataSet) -> Place | None:
    """Where the label stands first in the training rows, where cells are names."""
    cells = dataset.train.columns.get("label", ())
    row = next((row for row, cell in enumerate(cells) if label_name(cell) == label), None)
    return None if row is None else dataset.train.place(row)


def _scarce(job: Job, facts: Facts) -> Iterator[Problem]:
    """Labels with one training row, and with none."""
    messages = {
        0: ("data.label-without-rows", "no training row has this label, so it cannot be learnt"),
        1: (
            "data.single-row-label",
            "one training row is too few to learn a label, and leaves none to measure it by",
        ),
    }
    for rows, (code, message) in messages.items():
        scarce = [label for label, count in zip(facts.labels, facts.counts, strict=False) if count == rows]
        if scarce:
            yield Problem(
                code=code,
                message=message,
                place=Place(file=job.file, key="data.label"),
                found=listed(scarce, LISTED_LABELS),
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


def _capped_weights(job: Job, facts: Facts) -> Iterator[Problem]:
    """Labels of so few rows that their weight is kept below what would balance them."""
    if job.data.imbalance != "weighted-loss":
        return
    rows = zip(facts.labels, facts.counts, class_weights(facts.counts), balanced_weights(facts.counts), strict=False)
    capped = [
        f"{label} ({count}): {weight:.3g} instead of {full:.3g}" for label, count, weight, full in rows if weight < full
    ]
    if capped:
        yield Problem(
            code="data.weight-held",
            message=f"the weights of {len(capped)} labels are held down, so that no single row rules the loss",
            place=Place(file=job.file, key="data.imbalance"),
            found=listed(capped, LISTED_LABELS),
            hint="look whether these labels are mistyped; if they are right, add rows of them",
            severity="warning",
        )


def _one_target(job: Job, dataset: DataSet, facts: Facts) -> Iterator[Problem]:
    """A number to learn that is the same in all training rows."""
    if facts.values.get("target") != "number":
        return
    cells = dataset.train.columns["target"]
    first = numbers(cells[0])
    if len(cells) > 1 and all(numbers(cell) == first for cell in cells):
        yield Problem(
            code="data.one-target",
            message="all training rows have the same target: there is nothing to learn, and no figure says anything",
            place=Place(file=job.file, key="data.target"),
            found=", ".join(f"{number:g}" for number in first if number is not None),
            hint="look whether the target column is the right one",
            severity="warning",
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
    by_label = [
        f"{label} {count}" + (f" -> {then:.4g}" if how not in ("none", "focal") else "")
        for label, count, then in zip(facts.labels, facts.counts, after, strict=True)
    ]
    return listed(by_label, LISTED_LABELS)
