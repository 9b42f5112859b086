"""Records into rows: only the columns that the task uses, and a problem for each record that is none."""

from __future__ import annotations

import os
from array import array
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tunesmith.data.rows import Rows
from tunesmith.data.table import Table
from tunesmith.data.values import Refused, is_empty, meaning
from tunesmith.errors import Place, Problem, Severity, TunesmithError
from tunesmith.members import Column

IMAGE_ROLE = "image"
"""A text in a column of this role is the path of a file, from the folder of the data file."""

ANSWERS = frozenset({"label", "target"})
"""Roles that tell what to predict, not what from; new rows may lack them."""

LESS = "leave columns or rows out, or use a machine with more memory"
MEND_ROW = "mend the row, or set `bad_rows: skip`"
MEND = "convert the values, or set `bad_rows: skip`"

SHARED_LENGTH = 64
SHARED_COUNT = 10_000


class BadRows:
    """Counts what cannot be used; keeps the first `keep` problems (all where None), so that memory stays bounded."""

    def __init__(self, keep: int | None) -> None:
        self.problems: list[Problem] = []
        self.total = self.lines = 0
        self._keep = keep

    def add(self, code: str, message: str, place: Place, hint: str, *, lines: int = 1) -> None:
        self.total += 1
        self.lines += lines
        if self._keep is None or len(self.problems) < self._keep:
            severity: Severity = "warning" if self._keep is None else "error"
            self.problems.append(Problem(code=code, message=message, place=place, hint=hint, severity=severity))


def collect(
    table: Table,
    columns: Mapping[str, Sequence[str]],
    roles: Mapping[str, Column],
    bad: BadRows,
    *,
    may_be_empty: frozenset[str] = frozenset(),
    decimal: str = ".",
) -> Rows:
    """The usable rows of `table` by role. A `many` role gives a tuple over its columns, and so
    does one with several columns; any other gives a value.

    Values mean what data/values.py says. A row is bad where it cannot be read, where a value cannot mean what its
    column holds, where a required value is empty (None, blank or NaN; not for the roles in `may_be_empty`) and where an
    image file is missing.
    """
    kept: dict[str, list[Any]] = {role: [] for role in columns}
    cells = {role: _cell(role, chosen, roles[role], decimal) for role, chosen in columns.items()}
    required = {role for role in columns if roles[role].required} - may_be_empty
    lines, file_of = array("q"), array("q")
    files: list[Path] = []
    shared: dict[Any, Any] = {}  # short texts come again and again: keep one of each
    names = list(dict.fromkeys(name for chosen in columns.values() for name in chosen))
    try:
        for record in table.records(names):
            if record.values is None:
                bad.add("data.bad-row", record.bad, record.place(table.path), MEND_ROW, lines=record.lines)
                continue
            try:
                taken = {role: value_of(record.values) for role, value_of in cells.items()}
            except Refused as refused:
                bad.add("data.wrong-value", str(refused), record.place(table.path), MEND)
                continue
            wrong = _fault(taken, columns, required, table.base)
            if wrong:
                bad.add(*wrong, record.place(table.path), "fill it in, or set `bad_rows: skip`")
                continue
            for role, value in taken.items():
                if type(value) is str and len(value) <= SHARED_LENGTH:
                    value = shared.setdefault(value, value) if len(shared) < SHARED_COUNT else shared.get(value, value)
                kept[role].append(value)
            own = record.file or table.path
            if not files or files[-1] is not own:
                files.append(own)
            lines.append(record.line)
            file_of.append(len(files) - 1)
    except MemoryError as error:
        message = "its rows need more memory than there is"
        raise TunesmithError("data.too-large", message, place=Place(file=table.path), hint=LESS) from error
    except (OSError, UnicodeError) as error:
        raise TunesmithError("data.unreadable", f"cannot be read: {error}", place=Place(file=table.path)) from error
    return Rows(columns=kept, files=tuple(files) or (table.path,), file_of=file_of, lines=lines)


def _cell(role: str, names: Sequence[str], column: Column, decimal: str) -> Callable[[Mapping[str, Any]], Any]:
    """Gives what a row holds for `role`. Raises Refused, with role and column named."""
    means = {name: meaning(column.holds, decimal=decimal) for name in names}
    as_it_is = column.holds != "number" or decimal == "."

    def one(values: Mapping[str, Any], name: str = names[0]) -> Any:
        value = values[name]
        if type(value) is str and as_it_is:  # by far the most cells, and each means itself
            return value
        try:
            return means[name](value)
        except Refused as refused:
            raise Refused(f"the {role} (column {name}) {refused}") from None

    return (lambda values: tuple([one(values, name) for name in names])) if column.many or len(names) > 1 else one


def _fault(
    taken: dict[str, Any], columns: Mapping[str, Sequence[str]], required: set[str], base: Path
) -> tuple[str, str] | None:
    """Code and sentence for the first thing wrong. Makes image paths absolute in `taken`."""
    for role, value in taken.items():
        if role in required:
            parts = zip(columns[role], value, strict=True) if type(value) is tuple else ((columns[role][0], value),)
            for name, part in parts:
                if is_empty(part):
                    return "data.empty-value", f"the {role} (column {name}) is empty"
        if role == IMAGE_ROLE and isinstance(value, str):
            path = os.path.join(base, os.path.expanduser(value))  # noqa: PTH111, PTH118 - ten times faster a row
            if not os.path.isfile(path):  # noqa: PTH113 - as above
                return "data.missing-image", f"there is no image file {path}"
            taken[role] = path
    return None
