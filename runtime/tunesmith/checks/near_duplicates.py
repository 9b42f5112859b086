"""Texts of validation and test that differ from a training text in case, spaces and punctuation only."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from tunesmith.data.rows import Rows
from tunesmith.errors import Problem
from tunesmith.members import Task
from tunesmith.shown import listed

if TYPE_CHECKING:
    from tunesmith.data.dataset import DataSet

LOOKED_AT = 50_000
"""Training rows, and rows of a part: more would keep `check` waiting."""
FROM = 0.01
"""Share of a part from which on it is reported."""
LISTED = 5
NOT_TOLD_APART = re.compile(r"[\W_]+")


def near_duplicates(dataset: DataSet, task: Task) -> Iterator[Problem]:
    """A warning for each part with such rows; equal rows are reported elsewhere."""
    roles = [role for role, column in task.columns.items() if column.holds == "text" and not column.answer]
    roles = [role for role in roles if role in dataset.train.columns]
    parts = {name: rows for name, rows in (("validation", dataset.validation), ("test", dataset.test)) if rows}
    if not roles or not parts:
        return
    held_out: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for name, rows in parts.items():
        for row, texts in enumerate(_texts(rows, roles)):
            if bare := _bare(texts):
                held_out[bare].append((name, row))
    near: dict[str, dict[int, int]] = {name: {} for name in parts}
    equal: set[tuple[str, int]] = set()
    for row, texts in enumerate(_texts(dataset.train, roles)):
        for name, other in held_out.get(_bare(texts), ()):
            if _one(parts[name], other, roles) == texts:
                equal.add((name, other))
            else:
                near[name].setdefault(other, row)
    for name, rows in parts.items():
        pairs = [(row, twin) for row, twin in sorted(near[name].items()) if (name, row) not in equal]
        if pairs and len(pairs) >= FROM * min(len(rows), LOOKED_AT):
            looked = f" (of the first {LOOKED_AT:,} training rows)" if len(dataset.train) > LOOKED_AT else ""
            of = f"the first {LOOKED_AT:,} of " if len(rows) > LOOKED_AT else ""
            yield Problem(
                code="data.near-duplicates",
                message=f"{len(pairs):,} of {of}{len(rows):,} rows of {name} are a training row{looked} but for case, "
                "spaces and punctuation: their figures will flatter",
                place=rows.place(pairs[0][0]),
                found=listed([f"{rows.place(row)} ~ {dataset.train.place(twin)}" for row, twin in pairs], LISTED),
                hint="remove the copies from the file; where a column says which rows belong together, `split: {group: "
                "{column: NAME}}` under `data:` keeps them in one part",
                severity="warning",
            )


def _texts(rows: Rows, roles: Sequence[str]) -> Iterator[tuple[str, ...]]:
    some = rows.part(0, LOOKED_AT)
    return zip(*(map(_text, some.columns[role]) for role in roles), strict=True)


def _one(rows: Rows, row: int, roles: Sequence[str]) -> tuple[str, ...]:
    return tuple(_text(rows.columns[role][row]) for role in roles)


def _text(cell: Any) -> str:
    return cell.strip() if isinstance(cell, str) else ""


def _bare(texts: Sequence[str]) -> str:
    """The texts without what makes no difference; "" where nothing is left."""
    bare = [NOT_TOLD_APART.sub("", text.casefold()) for text in texts]
    return "\0".join(bare) if any(bare) else ""
