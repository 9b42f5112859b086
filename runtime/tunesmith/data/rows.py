"""Rows of a data file with the place that each came from. No numpy here: `check` must answer at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from tunesmith.errors import Place


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Columns of equal length; row i came from `files[file_of[i]]`, line `lines[i]`."""

    columns: Mapping[str, Sequence[Any]]
    files: tuple[Path, ...]
    file_of: Sequence[int]
    lines: Sequence[int]

    def __len__(self) -> int:
        return len(self.lines)

    def place(self, row: int) -> Place:
        return Place(file=self.files[self.file_of[row]], line=self.lines[row])

    def select(self, rows: Iterable[int]) -> Rows:
        """The given rows, in the given order."""
        chosen = list(rows)
        return Rows(
            columns={name: [values[row] for row in chosen] for name, values in self.columns.items()},
            files=self.files,
            file_of=[self.file_of[row] for row in chosen],
            lines=[self.lines[row] for row in chosen],
        )
