"""Columns of more rows than memory is to hold: in pieces, in a file that has no name and goes with the process.

A column is a sequence like any other: what asks for a cell, for a slice or for all cells one by one gets Python's own
values, made from the piece that holds them. What has no plain values (arrays, pictures) stays in memory.
"""

from __future__ import annotations

import marshal
import os
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, overload

from tunesmith.errors import TunesmithError

ROWS = 4096
"""Rows of a piece."""
PIECE_BYTES = 4 << 20
"""Fewer rows where they take more than this."""
MEMORY_ROWS, MEMORY_BYTES = 32_768, 32 << 20
"""Up to so many rows of so many bytes all stay in memory, in lists."""

PLAIN = frozenset({str, int, float, bool, type(None), bytes})
NESTED = frozenset({list, tuple, dict})


class UnnamedFile:
    """A file without a name, which goes with the process: `add` puts bytes at its end, `read` gives them back."""

    def __init__(self) -> None:
        import tempfile  # which takes time that few rows need not wait for

        # /tmp is often in memory itself
        usual = "/var/tmp" if os.access("/var/tmp", os.W_OK) and "TMPDIR" not in os.environ else None
        self._folder = usual or tempfile.gettempdir()
        try:
            self._file = tempfile.TemporaryFile(dir=self._folder, buffering=0)  # noqa: SIM115 - closed when forgotten
        except OSError as error:
            raise self._no_room(error) from error
        self._end = 0

    def add(self, content: bytes) -> int:
        """Where `content` begins in the file."""
        begin = self._end
        try:
            self._file.seek(begin)
            left = memoryview(content)
            while left:
                left = left[self._file.write(left) :]
        except OSError as error:
            raise self._no_room(error) from error
        self._end += len(content)
        return begin

    def read(self, begin: int, size: int) -> bytes:
        if hasattr(os, "pread"):  # other processes may share the file, and its position
            return os.pread(self._file.fileno(), size, begin)
        self._file.seek(begin)
        return self._file.read(size)

    def _no_room(self, error: OSError) -> TunesmithError:
        return TunesmithError(
            "data.no-room",
            f"the rows do not fit into memory, and {self._folder} has no room for them: {error.strerror or error}",
            hint="make room, or name a folder on another disk in the environment variable TMPDIR",
        )


class _Piece:
    """Some cells of a column: packed in a file, or as they are."""

    __slots__ = ("_begin", "_file", "_held", "_size")

    def __init__(self, cells: list[Any], file: UnnamedFile) -> None:
        packed = _packed(cells)
        self._held = cells if packed is None else None
        if packed is not None:
            self._file, self._begin, self._size = file, file.add(packed), len(packed)

    def cells(self) -> list[Any]:
        if self._held is not None:
            return self._held
        return _unpacked(self._file.read(self._begin, self._size))


def _packed(cells: list[Any]) -> bytes | None:
    """The cells as bytes; None where that might change them."""
    kinds = set(map(type, cells))
    if kinds <= PLAIN:
        return b"m" + marshal.dumps(cells)
    if kinds == {tuple} and set(map(type, chain.from_iterable(cells))) <= PLAIN:
        return b"m" + marshal.dumps(cells)
    if kinds <= PLAIN | NESTED:
        import pickle

        try:
            return b"p" + pickle.dumps(cells, protocol=5)
        except Exception:  # noqa: BLE001 - what lies inside may be of the project's own types, and raise anything
            return None
    return None


def _unpacked(content: bytes) -> list[Any]:
    """Read back from this process's own file."""
    body = memoryview(content)[1:]
    if content[:1] == b"m":
        found: list[Any] = marshal.loads(body)
    else:
        import pickle

        found = pickle.loads(body)
    return found


class Stored(Sequence[Any]):
    """A column in pieces. The piece that was read last is kept."""

    def __init__(self, pieces: Sequence[_Piece], begins: Sequence[int]) -> None:
        self._pieces, self._begins = pieces, begins  # one more of the latter: the number of rows
        self._last: tuple[int, list[Any]] = (-1, [])
        self.distinct: Any = None  # what data/distinct.py has found in it

    def __len__(self) -> int:
        return self._begins[-1]

    @overload
    def __getitem__(self, row: int) -> Any: ...
    @overload
    def __getitem__(self, row: slice) -> list[Any]: ...
    def __getitem__(self, row: int | slice) -> Any:
        if isinstance(row, slice):
            return self.take(range(*row.indices(len(self))))
        row += len(self) if row < 0 else 0
        number = self._number(row)
        return self._cells(number)[row - self._begins[number]]

    def __iter__(self) -> Iterator[Any]:
        for number in range(len(self._pieces)):
            yield from self._cells(number)

    def take(self, rows: Sequence[int]) -> list[Any]:
        """The cells of these rows; quick where they ascend."""
        wanted = list(rows)
        if wanted != sorted(wanted):
            return [self[row] for row in wanted]
        found: list[Any] = []
        at = 0
        while at < len(wanted):
            number = self._number(wanted[at])
            cells, begin = self._cells(number), self._begins[number]
            stop = bisect_left(wanted, self._begins[number + 1], at)
            found += [cells[row - begin] for row in wanted[at:stop]]
            at = stop
        return found

    def _number(self, row: int) -> int:
        if not 0 <= row < len(self):
            raise IndexError(row)
        return bisect_right(self._begins, row) - 1

    def _cells(self, number: int) -> list[Any]:
        if self._last[0] != number:
            self._last = (number, self._pieces[number].cells())
        return self._last[1]


class Chosen(Sequence[Any]):
    """Some of a stored column's cells, in any order."""

    def __init__(self, of: Stored, rows: Sequence[int]) -> None:
        self.of, self.rows = of, rows

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, row: int) -> Any: ...
    @overload
    def __getitem__(self, row: slice) -> list[Any]: ...
    def __getitem__(self, row: int | slice) -> Any:
        return self.of.take(self.rows[row]) if isinstance(row, slice) else self.of[self.rows[row]]

    def __iter__(self) -> Iterator[Any]:
        for begin in range(0, len(self.rows), ROWS):
            yield from self.of.take(self.rows[begin : begin + ROWS])


def chooser(rows: Sequence[int]) -> Callable[[Sequence[Any]], Sequence[Any]]:
    """Gives of a column the cells of `rows`: a list of them where it is one, and without a copy where it is stored."""
    known: dict[int, Sequence[int]] = {}  # columns that were chosen alike stay so

    def choose(column: Sequence[Any]) -> Sequence[Any]:
        if isinstance(column, Stored):
            return Chosen(column, rows)
        if isinstance(column, Chosen):
            before = column.rows
            if id(before) not in known:
                known[id(before)] = array("i", map(before.__getitem__, rows))
            return Chosen(column.of, known[id(before)])
        return [column[row] for row in rows]

    return choose


class Gathered:
    """Columns of equal length that grow; they go to the disk when they are more than memory is to hold."""

    def __init__(self, names: Iterable[str]) -> None:
        self._open: dict[str, list[Any]] = {name: [] for name in names}  # what is in no piece yet
        self._bytes = self._rows = 0
        self._file: UnnamedFile | None = None
        self._pieces: dict[str, list[_Piece]] = {name: [] for name in self._open}
        self._begins = array("q", [0])

    def add(self, columns: Mapping[str, Sequence[Any]]) -> None:
        """More rows: for each name as many cells."""
        for name, cells in columns.items():
            self._open[name] += cells
            self._bytes += _size(cells)
        rows = len(next(iter(self._open.values()), ()))
        most, most_bytes = (MEMORY_ROWS, MEMORY_BYTES) if self._file is None else (ROWS, PIECE_BYTES)
        if rows > most or self._bytes > most_bytes:
            self._store()

    def columns(self) -> dict[str, Sequence[Any]]:
        """The columns as sequences: lists, or on the disk."""
        if self._file is None:
            return dict(self._open)
        self._store()
        return {name: Stored(pieces, self._begins) for name, pieces in self._pieces.items()}

    def _store(self) -> None:
        rows = len(next(iter(self._open.values())))
        self._file = self._file or UnnamedFile()
        at_once = max(1, min(ROWS, rows * PIECE_BYTES // max(self._bytes, 1)))
        for begin in range(0, rows, at_once):
            for name, cells in self._open.items():
                self._pieces[name].append(_Piece(cells[begin : begin + at_once], self._file))
            self._begins.append(self._begins[-1] + min(at_once, rows - begin))
        self._open = {name: [] for name in self._open}
        self._bytes = 0


def _size(cells: Sequence[Any]) -> int:
    """Roughly the bytes that cells take."""
    kinds = set(map(type, cells))
    if kinds <= {str, bytes}:
        return sum(map(len, cells))
    if not kinds & NESTED:
        return 32 * len(cells)
    return sum(map(_nested_size, cells))


def _nested_size(value: Any) -> int:
    if isinstance(value, (str, bytes)):
        return len(value)
    if isinstance(value, dict):
        return 32 + sum(map(_nested_size, value.values()))
    return 32 + sum(map(_nested_size, value)) if isinstance(value, (list, tuple)) else 32
