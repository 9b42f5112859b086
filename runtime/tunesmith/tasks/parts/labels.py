"""Labels of rows: one name a row, or several. No numpy here: `check` must answer at once."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tunesmith.contracts.task import Facts
from tunesmith.data.distinct import Distinct, PerRow, distinct
from tunesmith.data.rows import Rows
from tunesmith.data.shares import Strata
from tunesmith.errors import Place, Problem, TunesmithError
from tunesmith.job.job import Job
from tunesmith.options import Text, Texts
from tunesmith.tasks.parts.findings import findings
from tunesmith.tasks.parts.label_cells import (
    Form,
    form_of,
    from_names,
    from_numbers,
    from_vector,
    parts_of,
    usual_length,
)

OPTIONS: Mapping[str, Text | Texts] = {
    "labels": Texts(
        None,
        help="The labels' names in their order, where the label cells hold a 0 or 1 for each label, or numbers from 0.",
        advice="Leave it out where the cells hold names; without it, such labels are called by their place, from 0.",
    ),
    "label_separator": Text(
        None,
        pattern=r"[\s\S]+",
        form="a separator such as `;` or `|`",
        help="Splits a label cell into several labels.",
        advice="Set it only if a row may have several labels at once.",
    ),
}
"""What every task with labels lets a job say of them, under `data:`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelOptions:
    """What the job says of the labels: how a cell is split, their names, and the columns where there are several."""

    separator: str | None
    names: tuple[str, ...]
    columns: tuple[str, ...]
    place: Place


def label_options(job: Job) -> LabelOptions:
    """From the job's `data:` part."""
    columns = job.data.columns.get("label", ())
    return LabelOptions(
        separator=job.data.options.get("label_separator"),
        names=tuple(job.data.options.get("labels") or ()),
        columns=columns if len(columns) > 1 else (),
        place=Place(file=job.file, key="data.labels"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """The names that each of the different label cells means, and in `cells` which of them each row has.

    `named` has () where the cell is empty or cannot be read; `faulty` says by cell why it cannot. `several`: whether
    rows may have many. `known` are all labels in their order where the cells have places or numbers for them, () where
    they hold names.
    """

    named: Sequence[tuple[str, ...]]
    cells: Distinct
    several: bool
    form: Form = "names"
    known: tuple[str, ...] = ()
    faulty: Mapping[int, str] = field(default_factory=dict)

    @property
    def names(self) -> PerRow[tuple[str, ...]]:
        """The names of each row."""
        return PerRow(self.named, self.cells.codes)

    @property
    def wrong(self) -> dict[int, str]:
        """By row, why its cell cannot be read."""
        return self.by_row(self.faulty)

    def by_row(self, by_cell: Mapping[int, str]) -> dict[int, str]:
        """The phrases about cells, by the rows that have these cells."""
        return {row: by_cell[self.cells.codes[row]] for row in self.cells.rows_with(set(by_cell))}


def read_labels(values: Sequence[Any], options: LabelOptions, *, facts: Facts | None = None) -> Labels:
    """Label cells as names. Rows may have several where any cell is a list, or a separator is given.

    With the `facts` of the training rows, the cells are read as those were. Raises data.labels-do-not-fit where the job
    names labels and the cells hold names of their own, or vectors of another length.
    """
    cells = distinct(values)
    parts, listed = parts_of(cells.values, options.separator)
    if facts is None:
        form = form_of(parts, listed=listed, named=bool(options.names))
        known = _known(parts, cells.counts(), form, options)
    else:
        form, listed = facts.values.get("label_cells", "names"), facts.values["target"] == "classes"
        known = facts.labels if form != "names" else ()
    faulty: dict[int, str] = {}
    named = [_names(part, form, known, code, faulty) for code, part in enumerate(parts)]
    return Labels(named=named, cells=cells, several=listed, form=form, known=known, faulty=faulty)


def _names(
    part: list[Any] | None, form: Form, known: Sequence[str], code: int, faulty: dict[int, str]
) -> tuple[str, ...]:
    """The names in one cell; one that cannot be read is noted in `faulty`."""
    if not part:
        return ()
    try:
        if form == "vectors":
            return from_vector(part, known)
        return from_numbers(part, known) if form == "numbers" else from_names(part)
    except ValueError as error:
        faulty[code] = str(error)
        return ()


def _known(
    parts: Sequence[list[Any] | None], rows: Sequence[int], form: Form, options: LabelOptions
) -> tuple[str, ...]:
    if form == "names":
        if options.names:
            raise TunesmithError(
                "data.labels-do-not-fit",
                "the label cells hold names, so no names can be given to them",
                place=options.place,
                found=", ".join(options.names)[:80],
                hint="remove `labels`; it names labels that stand as 0 and 1, or as numbers from 0",
            )
        return ()
    if form == "numbers":
        return options.names
    places = usual_length(parts, rows)
    names = options.names or options.columns or tuple(str(place) for place in range(places))
    if len(names) != places:
        raise TunesmithError(
            "data.labels-do-not-fit",
            f"the label cells hold 0 or 1 for each of {places} labels",
            place=options.place,
            found=f"{len(names)} names",
            allowed=(f"{places} names",),
        )
    return names


def label_facts(labels: Labels, values: dict[str, Any]) -> Facts:
    """Names in their own order or sorted (numbers by value), with the number of rows that have each."""
    counts: Counter[str] = Counter()
    for names, rows in zip(labels.named, labels.cells.counts(), strict=True):
        for name in names:
            counts[name] += rows
    ordered = labels.known or _sorted(counts)
    form = {"label_cells": labels.form} if labels.form != "names" else {}
    return Facts(
        labels=tuple(ordered),
        counts=tuple(counts[name] for name in ordered),
        values={"target": "classes" if labels.several else "class", **form, **values},
    )


def _sorted(names: Iterable[str]) -> list[str]:
    listed = sorted(names)
    try:
        return sorted(listed, key=float)
    except ValueError:
        return listed


def unusable_labels(labels: Labels) -> list[tuple[int, str]]:
    """Rows whose label cannot be used, with a phrase that says why."""
    found = {code: f"its label cannot be read: {why}" for code, why in labels.faulty.items()}
    if not labels.several:
        for code, names in enumerate(labels.named):
            if len(names) != 1 and code not in found:
                found[code] = "it has several labels" if names else "its label is empty"
    return list(labels.by_row(found).items())


def label_strata(job: Job, rows: Rows) -> Strata | None:
    """What a split keeps in proportion: the label of each row, or its labels."""
    if "label" not in rows.columns:
        return None
    labels = read_labels(rows.columns["label"], label_options(job))
    return Strata(of=labels.names, several=labels.several)


def check_labels(labels: Labels, rows: Rows, facts: Facts) -> list[Problem]:
    """Empty and unknown labels, and too few labels to tell apart."""
    problems = []
    if len(facts.labels) < 2 and not labels.several:
        only = f"only {facts.labels[0]}" if facts.labels else "none"
        problems.append(
            Problem(
                code="data.too-few-labels",
                message="the training rows need at least two different labels",
                found=only,
                hint="look whether the label column is the right one, and whether the file is complete",
            )
        )
    wrong = labels.wrong
    problems += findings(
        "data.bad-label",
        "this row's label cannot be read",
        list(wrong.items()),
        rows,
        hint="mend the cell, remove the row, or write `bad_rows: skip`",
    )
    problems += findings(
        "data.empty-label",
        "this row has no label",
        [row for row, _ in unusable_labels(labels) if row not in wrong],
        rows,
        hint="fill the label in, remove the row, or write `bad_rows: skip`",
    )
    known = set(facts.labels)
    unknown = {code for code, names in enumerate(labels.named) if not known.issuperset(names)}
    strange = [
        (row, name) for row in labels.cells.rows_with(unknown) for name in labels.names[row] if name not in known
    ]
    close = difflib.get_close_matches(strange[0][1], sorted(known), n=1, cutoff=0.6) if strange else []
    problems += findings(
        "data.unknown-label",
        "no training row has this label",
        strange,
        rows,
        hint=f"did you mean {close[0]}?" if close else "add training rows with this label, or remove the row",
    )
    return problems


def indices(labels: Labels, rows: Rows, known: Sequence[str]) -> PerRow[tuple[int, ...]]:
    """The labels of each row as positions in `known`. Raises data.unknown-label or data.empty-label."""
    position = {name: number for number, name in enumerate(known)}
    found: list[tuple[int, ...]] = []
    for code, names in enumerate(labels.named):  # in the order in which they come first
        if code in labels.faulty or (not labels.several and len(names) != 1) or not position.keys() >= set(names):
            raise _unusable(labels, code, rows.place(labels.cells.codes.index(code)), position)
        found.append(tuple(position[name] for name in names))
    return PerRow(found, labels.cells.codes)


def _unusable(labels: Labels, code: int, place: Place, known: Collection[str]) -> TunesmithError:
    """The error for a row whose label is none of those that are known."""
    if code in labels.faulty:
        why = labels.faulty[code]
        return TunesmithError("data.bad-label", "this row's label cannot be read", place=place, found=why)
    names = labels.named[code]
    if not labels.several and len(names) != 1:
        return TunesmithError("data.empty-label", "this row has no label", place=place)
    name = next(name for name in names if name not in known)
    return TunesmithError("data.unknown-label", "no training row has this label", place=place, found=name)
