"""Whole groups of rows by lot: a patient, an author, a document stands in one part only."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tunesmith.data.arrays import first_equal
from tunesmith.data.digests import digests_of
from tunesmith.data.shares import split
from tunesmith.data.splits.contract import Divided, Leak, Undivided
from tunesmith.data.values import Refused, is_empty, text
from tunesmith.members import Split
from tunesmith.options import REQUIRED, Columns

MEMBER = Split(
    name="group",
    help="Takes whole groups by lot: rows with the same value in a column stay in one part.",
    when="Several rows come from one patient, author, document or machine, and the model will meet new ones.",
    options={
        "column": Columns(
            REQUIRED,
            help="The column that says which rows belong together; of several columns, rows that agree in all.",
            advice="Name whatever would let the model recognise where a row comes from.",
        )
    },
    source="scikit-learn calls it GroupShuffleSplit",
)


def keys(options: Mapping[str, Any]) -> Callable[[Sequence[Any]], str]:
    """What makes one text of a row's cells. Raises Refused for a cell that names no group."""

    def key(cells: Sequence[Any]) -> str:
        found = []
        for cell in cells:
            plain = text(cell)
            if plain is None or is_empty(plain):
                raise Refused("is empty, so the row belongs to no group")
            found.append(plain.strip())
        return "\t".join(found)

    return key


def divide(undivided: Undivided, *, column: Sequence[str]) -> Divided:
    """The parts: whole groups, and of each label its share as nearly as they allow."""
    first = first_equal(digests_of({"together": undivided.keys}, undivided.count))
    parts = split(undivided.count, undivided.shares, seed=undivided.seed, strata=undivided.strata(), twins=first)
    if first is None:
        return Divided(rows=parts)
    counted = {name: len({first[row] for row in rows}) for name, rows in parts.items()}
    held_out = ", ".join(f"{counted[name]:,} in {name}" for name in undivided.shares)
    description = f"Split by {' and '.join(column)}: {counted['train']:,} groups in training, {held_out}."
    return Divided(rows=parts, description=description)


def leaks(name: str, train: Sequence[str], part: Sequence[str], *, column: Sequence[str]) -> list[Leak]:
    """Groups of a part that stand in train, too."""
    known = set(digests_of({"together": train}, len(train)))
    digests = digests_of({"together": part}, len(part))
    shared = [row for row, digest in enumerate(digests) if digest in known]
    if not shared:
        return []
    named = " and ".join(column)
    return [
        Leak(
            code="data.leaked-groups",
            message=f"{len(shared):,} of {len(part):,} rows of {name} have a {named} that stands in train, too: "
            "the model may recognise it, and its figures will flatter",
            rows=shared,
            hint="take them out of one of the two files, or give the rows as one file and a share of it, such as "
            f"`{name}: 10%`, which keeps rows of equal {named} together",
        )
    ]
