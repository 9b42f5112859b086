"""Records into rows: only the columns that the task uses, and a problem for each record that is none."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tunesmith.data.columns import answer_roles
from tunesmith.data.columns_on_disk import Gathered
from tunesmith.data.digests import digests_of
from tunesmith.data.rows import Block, Record, Rows
from tunesmith.data.table import Table
from tunesmith.data.values import Refused, is_empty, meaning
from tunesmith.errors import Place, Problem, Severity, TunesmithError
from tunesmith.members import Column

IMAGE_ROLE = "image"
"""A text in a column of this role is the path of a file, from the folder of the data file."""

WRITTEN = frozenset({"words", "spans"})
"""What a text in a cell is written for: it means the list that it spells."""

LESS = "leave columns or rows out, or use a machine with more memory"
MEND_ROW = "mend the row, or set `bad_rows: skip`"
MEND = "convert the values, or set `bad_rows: skip`"

LINE, FILE, INPUTS, KEY = "\0line", "\0file", "\0inputs", "\0key"
"""Beside the roles: where a row stands, what tells its inputs from others, and what it is divided by."""


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
    divided_by: DividedBy | None = None,
    taken: Callable[[int], None] = lambda count: None,
) -> Rows:
    """The usable rows of `table` by role. A `many` role gives a tuple over its columns, and so
    does one with several columns; any other gives a value.

    Values mean what data/values.py says. A row is bad where it cannot be read, where a value cannot mean what its
    column holds, where a required value is empty (None, blank or NaN; not for the roles in `may_be_empty`) and where an
    image file is missing, and where `divided_by` can make no key of it. `taken` is called again and again with the rows
    so far.
    """
    collecting = _Collecting(
        table, columns, roles, bad, may_be_empty=may_be_empty, decimal=decimal, divided_by=divided_by
    )
    names = list(dict.fromkeys(name for chosen in columns.values() for name in chosen))
    if divided_by is not None:
        names = list(dict.fromkeys([*names, *divided_by.columns]))
    try:
        for block in table.blocks(names):
            collecting.take(block)
            taken(collecting.count)
    except MemoryError as error:
        message = "its rows need more memory than there is"
        raise TunesmithError("data.too-large", message, place=Place(file=table.path), hint=LESS) from error
    except (OSError, UnicodeError) as error:
        raise TunesmithError("data.unreadable", f"cannot be read: {error}", place=Place(file=table.path)) from error
    return collecting.rows()


class _Collecting:
    """Takes the records of a table, block by block. A block with anything unusual in it is looked at row by row."""

    def __init__(
        self,
        table: Table,
        columns: Mapping[str, Sequence[str]],
        roles: Mapping[str, Column],
        bad: BadRows,
        *,
        may_be_empty: frozenset[str],
        decimal: str,
        divided_by: DividedBy | None,
    ) -> None:
        self._table, self._columns, self._bad, self._divided_by = table, columns, bad, divided_by
        self._cells = {role: _Cells(role, chosen, roles[role], decimal) for role, chosen in columns.items()}
        self._required = {role for role in columns if roles[role].required} - may_be_empty
        self._answers = answer_roles({role: roles[role] for role in columns})
        self._told_apart = IMAGE_ROLE not in columns  # images are compared when all are known
        beside = [*([INPUTS] if self._told_apart else []), *([KEY] if divided_by is not None else [])]
        self._kept = Gathered((*columns, LINE, FILE, *beside))
        self._files: list[Path] = []
        self.count = 0

    def take(self, block: Block | Record) -> None:
        """Keep the rows that can be used; add the others to the bad ones."""
        if isinstance(block, Record):
            self._bad.add("data.bad-row", block.bad, block.place(self._table.path), MEND_ROW, lines=block.lines)
            return
        file = block.file or self._table.path
        if not self._files or self._files[-1] is not file:
            self._files.append(file)
        whole = self._whole(block)
        lines, kept = (block.lines, whole) if whole is not None else self._one_by_one(block)
        self.count += len(lines)
        inputs = {role: kept[role] for role in self._cells if role not in self._answers}
        more = {INPUTS: digests_of(inputs, len(lines))} if self._told_apart else {}
        self._kept.add({**kept, LINE: lines, FILE: [len(self._files) - 1] * len(lines), **more})

    def rows(self) -> Rows:
        """All that were taken."""
        kept = self._kept.columns()
        lines, file_of, digests, keys = kept.pop(LINE), kept.pop(FILE), kept.pop(INPUTS, None), kept.pop(KEY, None)
        files = tuple(self._files) or (self._table.path,)
        return Rows(
            columns=kept, files=files, file_of=file_of, lines=lines, digests=digests, keys=keys, answers=self._answers
        )

    def _whole(self, block: Block) -> dict[str, Sequence[Any]] | None:
        """The cells by role where all of them are texts that are there and mean themselves; None where one is not."""
        if IMAGE_ROLE in self._cells:
            return None
        kept = {
            role: cells.whole(block.columns, required=role in self._required) for role, cells in self._cells.items()
        }
        if self._divided_by is not None:
            kept[KEY] = self._divided_by.whole(block.columns)
        return None if None in kept.values() else kept  # type: ignore[return-value]

    def _one_by_one(self, block: Block) -> tuple[list[int], dict[str, list[Any]]]:
        lines: list[int] = []
        kept: dict[str, list[Any]] = {role: [] for role in self._cells}
        if self._divided_by is not None:
            kept[KEY] = []
        for number, line in enumerate(block.lines):
            place = Place(file=block.file or self._table.path, line=line)
            try:
                taken = {role: cells.of(block.columns, number) for role, cells in self._cells.items()}
                key = None if self._divided_by is None else self._divided_by.of(block.columns, number)
            except Refused as refused:
                self._bad.add("data.wrong-value", str(refused), place, MEND)
                continue
            wrong = _fault(taken, self._columns, self._required, self._table.base)
            if wrong:
                self._bad.add(*wrong, place, "fill it in, or set `bad_rows: skip`")
                continue
            for role, value in taken.items():
                kept[role].append(value)
            if self._divided_by is not None:
                kept[KEY].append(key)
            lines.append(line)
        return lines, kept


@dataclass(frozen=True, slots=True, kw_only=True)
class DividedBy:
    """The columns by which rows are divided, and what makes a key of a row's cells there (may raise Refused)."""

    columns: Sequence[str]
    key: Callable[[Sequence[Any]], Any]

    def of(self, columns: Mapping[str, Sequence[Any]], row: int) -> Any:
        """A row's key. Raises Refused, with the columns named."""
        try:
            return self.key([columns[name][row] for name in self.columns])
        except Refused as refused:
            named = f"column{'s' if len(self.columns) > 1 else ''} {' and '.join(self.columns)}"
            raise Refused(f"what `split` goes by ({named}) {refused}") from None

    def whole(self, columns: Mapping[str, Sequence[Any]]) -> list[Any] | None:
        """The keys of many rows; None where one has none."""
        try:
            return list(map(self.key, zip(*(columns[name] for name in self.columns), strict=True)))
        except Refused:
            return None


class _Cells:
    """What the rows hold for one role."""

    def __init__(self, role: str, names: Sequence[str], column: Column, decimal: str) -> None:
        self._role, self._names = role, names
        self._means = {name: meaning(column.holds, decimal=decimal) for name in names}
        self._as_it_is = column.holds not in WRITTEN and (column.holds != "number" or decimal == ".")
        self._is_tuple = column.many or len(names) > 1

    def of(self, columns: Mapping[str, Sequence[Any]], row: int) -> Any:
        """A row's value. Raises Refused, with role and column named."""
        if self._is_tuple:
            return tuple([self._one(columns[name][row], name) for name in self._names])
        return self._one(columns[self._names[0]][row], self._names[0])

    def whole(self, columns: Mapping[str, Sequence[Any]], *, required: bool) -> Sequence[Any] | None:
        """The values of many rows where each is a text that means itself (not blank where `required`), else None."""
        cells = [columns[name] for name in self._names]
        for column in cells:
            if not self._as_it_is or set(map(type, column)) != {str} or (required and not all(map(str.strip, column))):
                return None
        return list(zip(*cells, strict=True)) if self._is_tuple else cells[0]

    def _one(self, value: Any, name: str) -> Any:
        if type(value) is str and self._as_it_is:  # by far the most cells, and each means itself
            return value
        try:
            return self._means[name](value)
        except Refused as refused:
            key = next(iter(value), None) if isinstance(value, Mapping) else None
            remedy = f"; name one of its keys, such as {name}.{key}" if key is not None else ""
            raise Refused(f"the {self._role} (column {name}) {refused}{remedy}") from None


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
