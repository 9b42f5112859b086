"""Rows of a data file with the place that each came from. No numpy here: `check` must answer at once."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from tunesmith.data.columns_on_disk import ROWS, chooser
from tunesmith.errors import Place

NAMED = 3
"""Rows that are named where many have one finding."""


def named_places(places: Sequence[Place], count: int) -> str:
    """The first of `count` places as a user finds them: `reviews.csv line 12, 40, 71 and 9 more`."""
    files = dict.fromkeys(place.file for place in places)
    parts: list[str] = []
    last: Path | None = None
    for place in places[:NAMED]:
        name = "" if place.file is None else place.file.name if len(files) == 1 else str(place.file)
        line = "" if place.line is None else str(place.line)
        is_same = bool(parts) and place.file == last
        parts.append(line if is_same and line else f"{name} line {line}" if line else name)
        last = place.file
    more = count - len(parts)
    return ", ".join(parts) + (f" and {more:,} more" if more > 0 else "")


class Record(NamedTuple):
    """What a reader yields: the line (from 1; the row number for formats without lines) and the values by column,
    or, in place of values, one sentence that says why the row cannot be read.

    `file` is where the row stands, if the source is several files; `lines` is how many lines a bad row takes with it.
    """

    line: int
    values: Mapping[str, Any] | None
    bad: str = ""
    file: Path | None = None
    lines: int = 1

    def place(self, source: Path) -> Place:
        """Where the row stands; `source` is what is read."""
        return Place(file=self.file or source, line=self.line)


class Block(NamedTuple):
    """Rows that follow each other and can all be read, by column: what many records are read as at once."""

    lines: Sequence[int]
    columns: Mapping[str, Sequence[Any]]
    file: Path | None = None

    def records(self) -> Iterator[Record]:
        """The same row by row."""
        for number, line in enumerate(self.lines):
            yield Record(line, {name: cells[number] for name, cells in self.columns.items()}, file=self.file)


BLOCK = 256
"""Records of a reader that knows no blocks, read at once."""


def records_of(blocks: Iterable[Block | Record]) -> Iterator[Record]:
    """Blocks row by row."""
    for block in blocks:
        if isinstance(block, Record):
            yield block
        else:
            yield from block.records()


def blocks_of(records: Iterable[Record], columns: Sequence[str]) -> Iterator[Block | Record]:
    """Records as blocks of the named columns; those that cannot be read stay as they are, in their place."""
    lines: list[int] = []
    cells: dict[str, list[Any]] = {name: [] for name in columns}
    file: Path | None = None

    def taken() -> Block:
        nonlocal lines, cells
        block = Block(lines, cells, file)
        lines, cells = [], {name: [] for name in columns}
        return block

    for record in records:
        if lines and (record.values is None or record.file is not file or len(lines) >= BLOCK):
            yield taken()
        if record.values is None:
            yield record
            continue
        file = record.file
        lines.append(record.line)
        for name in columns:
            cells[name].append(record.values[name])
    if lines:
        yield taken()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Columns of equal length; row i came from `files[file_of[i]]`, line `lines[i]`.

    A column is a list, or, of many rows, a sequence whose cells are on the disk: see data/columns_on_disk.py. Work on
    all rows goes through them in order, or by `parts`. `digests` tell inputs apart, where they were made when the rows
    were read: see data/duplicates.py. `keys` are what the job divides the rows by, where that is a column. `answers`
    are the roles that say what to predict, and nothing of what from. `on_part` is called with the rows that `parts` has
    gone through so far; rows chosen of these have none.
    """

    columns: Mapping[str, Sequence[Any]]
    files: tuple[Path, ...]
    file_of: Sequence[int]
    lines: Sequence[int]
    digests: Sequence[bytes] | None = None
    keys: Sequence[Any] | None = None
    answers: frozenset[str] = frozenset()
    on_part: Callable[[int], None] | None = field(default=None, compare=False)

    def __len__(self) -> int:
        return len(self.lines)

    def place(self, row: int) -> Place:
        return Place(file=self.files[self.file_of[row]], line=self.lines[row])

    def named(self, rows: Sequence[int]) -> str:
        """Some rows as a user finds them: `reviews.csv line 12, 40, 71 and 9 more`."""
        return named_places([self.place(row) for row in rows[:NAMED]], len(rows))

    def select(self, rows: Iterable[int]) -> Rows:
        """The given rows, in the given order."""
        choose = chooser(rows if isinstance(rows, (array, range)) else array("i", rows))
        return Rows(
            columns={name: choose(values) for name, values in self.columns.items()},
            files=self.files,
            file_of=choose(self.file_of),
            lines=choose(self.lines),
            digests=None if self.digests is None else choose(self.digests),
            answers=self.answers,
            keys=None if self.keys is None else choose(self.keys),
        )

    def without(self, rows: Sequence[int]) -> Rows:
        """All but the given rows, which ascend."""
        if not rows:
            return self
        kept = array("i")
        begin = 0
        for row in rows:
            kept.extend(range(begin, row))
            begin = row + 1
        kept.extend(range(begin, len(self)))
        return self.select(kept)

    def parts(self, size: int = ROWS) -> Iterator[tuple[int, Rows]]:
        """All rows in order, `size` at a time, in memory: the number of the first, and the rows."""
        for begin in range(0, len(self), size):
            yield begin, self.part(begin, begin + size)
            if self.on_part is not None:
                self.on_part(min(begin + size, len(self)))

    def part(self, begin: int, end: int) -> Rows:
        """The rows from `begin` to before `end`, in memory."""
        return Rows(
            columns={name: values[begin:end] for name, values in self.columns.items()},
            files=self.files,
            file_of=self.file_of[begin:end],
            lines=self.lines[begin:end],
            digests=None if self.digests is None else self.digests[begin:end],
            answers=self.answers,
            keys=None if self.keys is None else self.keys[begin:end],
        )
