"""Labels of rows: one name a row, or several. No numpy here: `check` must answer at once."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tunesmith.data.rows import Rows
from tunesmith.data.values import is_empty, label_name
from tunesmith.errors import Problem, TunesmithError
from tunesmith.tasks._findings import findings
from tunesmith.tasks.contract import Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """The names of each row in `names`; () where the cell is empty. `several`: whether rows may have many."""

    names: Sequence[tuple[str, ...]]
    several: bool


def read_labels(values: Iterable[Any], separator: str | None, *, several: bool | None = None) -> Labels:
    """Label cells as names. Rows may have several where any cell is a list, or a separator is given (or as told)."""
    cells = list(values)
    if several is None:
        several = separator is not None or any(isinstance(cell, (list, tuple, set, frozenset)) for cell in cells)
    return Labels(names=[_names(cell, separator if several else None) for cell in cells], several=several)


def _names(cell: Any, separator: str | None) -> tuple[str, ...]:
    if isinstance(cell, (list, tuple, set, frozenset)) or (hasattr(cell, "tolist") and getattr(cell, "ndim", 0) == 1):
        parts: Iterable[Any] = sorted(cell, key=str) if isinstance(cell, (set, frozenset)) else cell
    elif is_empty(cell):
        return ()
    elif separator and isinstance(cell, str):
        parts = cell.split(separator)
    else:
        parts = (cell,)
    return tuple(dict.fromkeys(label_name(part) for part in parts if not is_empty(part)))


def label_facts(labels: Labels, values: dict[str, Any]) -> Facts:
    """Names sorted (numbers by value), with the number of rows that have each."""
    counts = Counter(name for names in labels.names for name in names)
    ordered = _sorted(counts)
    return Facts(
        labels=tuple(ordered),
        counts=tuple(counts[name] for name in ordered),
        values={"target": "classes" if labels.several else "class", **values},
    )


def _sorted(names: Iterable[str]) -> list[str]:
    listed = sorted(names)
    try:
        return sorted(listed, key=float)
    except ValueError:
        return listed


def faults(labels: Labels) -> list[tuple[int, str]]:
    """Rows whose label cannot be used, with a phrase that says why."""
    if labels.several:
        return []
    return [
        (row, "its label is empty" if not names else "it has several labels")
        for row, names in enumerate(labels.names)
        if len(names) != 1
    ]


def inspect_labels(labels: Labels, rows: Rows, facts: Facts) -> list[Problem]:
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
    bad = faults(labels)
    problems += findings(
        "data.empty-label",
        "this row has no label",
        [row for row, _ in bad],
        rows,
        hint="fill the label in, remove the row, or write `bad_rows: skip`",
    )
    known = set(facts.labels)
    strange = [(row, name) for row, names in enumerate(labels.names) for name in names if name not in known]
    close = difflib.get_close_matches(strange[0][1], sorted(known), n=1, cutoff=0.6) if strange else []
    problems += findings(
        "data.unknown-label",
        "no training row has this label",
        [row for row, _ in strange],
        rows,
        told=[name for _, name in strange],
        hint=f"did you mean {close[0]}?" if close else "add training rows with this label, or remove the row",
    )
    return problems


def indices(labels: Labels, rows: Rows, known: Sequence[str]) -> list[tuple[int, ...]]:
    """The labels of each row as positions in `known`. Raises data.unknown-label or data.empty-label."""
    position = {name: number for number, name in enumerate(known)}
    found = []
    for row, names in enumerate(labels.names):
        if not labels.several and len(names) != 1:
            raise TunesmithError("data.empty-label", "this row has no label", place=rows.place(row))
        try:
            found.append(tuple(position[name] for name in names))
        except KeyError as error:
            raise TunesmithError(
                "data.unknown-label", "no training row has this label", place=rows.place(row), found=str(error.args[0])
            ) from None
    return found
