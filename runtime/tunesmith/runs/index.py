"""One series kept ready for any window: summaries of its blocks in memory, the records themselves in the file.

A window of many records takes whole blocks from memory and reads only those in which a column begins, so its answer is
exact and costs as much as its columns, not as much as its records. The file is read, never mapped: a resumed worker may
shorten it at any time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tunesmith.runs.envelope import Envelope, Window, draw, edges_of
from tunesmith.runs.records import Records, ShortenedError, in_order
from tunesmith.runs.series import FIELDS, Record
from tunesmith.runs.smoothing import Smoothing
from tunesmith.runs.summaries import SUMMARY, fold, of_blocks, of_records, of_stretches

if TYPE_CHECKING:
    from numpy.typing import NDArray

BLOCK = 64  # records
MOST_BLOCKS = 1 << 18  # then two become one: memory stays below 15 MB however long the series
CHUNK = 1 << 15  # records read at once: 768 kB stay in the processor's cache
IN_FULL = 1 << 18  # so many records are read in full rather than by blocks


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a window shows, and what a chart needs around it: how many records the series has, its first and its last,
    and the nearest ones `before` and `after` the window (None where there is none)."""

    count: int
    first: Record | None
    last: Record | None
    before: Record | None
    after: Record | None
    envelope: Envelope


class SeriesIndex:
    """What is known of the series at `path`. Not for several threads at once."""

    def __init__(
        self, path: Path, *, block: int = BLOCK, in_full: int = IN_FULL, most_blocks: int = MOST_BLOCKS
    ) -> None:
        self._records = Records(path)
        self._generation = 0
        self._block, self._in_full, self._most_blocks = block, in_full, most_blocks
        self._size = block  # of a block; doubles as the series grows
        self._count = 0  # whole blocks
        self._blocks = np.empty(1024, SUMMARY)
        self._last = np.empty(0, FIELDS)  # the last record of the last block
        self._tail = np.empty(0, FIELDS)  # the records behind it

    @property
    def nbytes(self) -> int:
        """The memory it takes."""
        return int(self._blocks.nbytes + self._tail.nbytes)

    def view(
        self, window: Window, smoothing: Smoothing | None = None, check: Callable[[], None] = lambda: None
    ) -> View:
        """What `window` shows of the series as it is now.

        Takes in what was appended since the last call and forgets what was cut off. `check` is called for every chunk
        that is read for that; what it raises (the request was cancelled) comes out, and a later call goes on from
        there. Records that their mark contradicts, or that break the order of steps or seconds, are left out;
        `series.check_series` says which.
        """
        while True:
            try:
                with self._records.open():
                    self._forget()
                    with self._records.compared() as contradicts:
                        self._take(check)
                    if contradicts() and self._records.judge():
                        continue
                    return self._look(window, smoothing)
            except ShortenedError:
                continue

    # --- keeping up with the file

    def _forget(self) -> None:
        """Drop the blocks that are not in the file any more: it was shortened, and may have grown again since."""
        if self._generation != self._records.generation:
            self._generation = self._records.generation
            self._cut(0)
        end = min(self._count, self._records.count // self._size)
        if end == self._count and self._ends_with_last(end):
            return
        # Steps that come again have other seconds, so the first block that begins differently shows where it was cut.
        begin = 0
        while begin < end:
            middle = (begin + end) // 2
            found, known = self._records.read(middle * self._size, middle * self._size + 1), self._blocks[middle]
            if found["step"][0] == known["step"] and found["seconds"][0] == known["seconds"]:
                begin = middle + 1
            else:
                end = middle
        self._cut(max(0, begin - 1))  # the cut may be inside the last block that begins as it did

    def _ends_with_last(self, blocks: int) -> bool:
        found = self._records.read(blocks * self._size - 1, blocks * self._size) if blocks else self._last
        return found.tobytes() == self._last.tobytes()

    def _cut(self, blocks: int) -> None:
        self._count = blocks
        self._last = self._records.read(blocks * self._size - 1, blocks * self._size) if blocks else self._last[:0]
        self._tail = self._tail[:0]
        if not blocks:
            self._size = self._block

    def _take(self, check: Callable[[], None]) -> None:
        """Read on from the last block to the end."""
        buffer = np.empty(0, FIELDS)
        while True:
            check()
            begin, chunk_size = self._count * self._size, max(CHUNK, self._size)
            if len(buffer) != min(chunk_size, self._records.count - begin):
                buffer = np.empty(min(chunk_size, self._records.count - begin), FIELDS)
            chunk = self._records.fill(begin, buffer)
            if not (in_order(chunk) and in_order(np.concatenate([self._last, chunk[:1]]))) and self._records.judge():
                self._generation = self._records.generation
                self._cut(0)
                continue
            whole = len(chunk) // self._size * self._size
            if whole:
                self._last = chunk[whole - 1 : whole].copy()
                self._append(of_blocks(chunk[:whole], self._size))
            if begin + len(chunk) == self._records.count:
                # Doubled blocks leave the last one, if it has no partner, to the records behind them.
                self._tail = self._records.read(self._count * self._size, self._records.count)
                return

    def _append(self, blocks: NDArray[np.void]) -> None:
        count = self._count + len(blocks)
        if count > len(self._blocks):
            grown = np.empty(max(count, 2 * len(self._blocks)), SUMMARY)
            grown[: self._count] = self._blocks[: self._count]
            self._blocks = grown
        self._blocks[self._count : count] = blocks
        self._count = count
        while self._count > self._most_blocks:
            pairs = self._count // 2
            self._blocks = fold(self._blocks[: 2 * pairs], np.arange(0, 2 * pairs, 2))
            self._count, self._size = pairs, 2 * self._size
            self._last = self._records.read(pairs * self._size - 1, pairs * self._size)

    # --- looking

    def _look(self, window: Window, smoothing: Smoothing | None) -> View:
        ends = self._records.read(0, 1), (self._tail if len(self._tail) else self._last)[-1:]
        if not len(ends[0]):
            none = np.zeros(0, np.float64)
            empty = draw(of_records(ends[0]), window.axis, none, 0, smoothing)
            return View(count=0, first=None, last=None, before=None, after=None, envelope=empty)
        axis = window.axis
        edges, lead = edges_of(window, float(ends[0][axis][0]), float(ends[1][axis][0]), smoothing)
        begin, end = self._number(axis, edges[lead]), self._number(axis, edges[-1])
        return View(
            count=self._records.count,
            first=_plain(ends[0]),
            last=_plain(ends[1]),
            before=_plain(self._records.read(begin - 1, begin)) if begin else None,
            after=_plain(self._records.read(end, end + 1)),
            envelope=draw(self._items(axis, edges), axis, edges, lead, smoothing),
        )

    def _number(self, axis: str, edge: float) -> int:
        """The number of the first record at or behind `edge`."""
        block = int(self._blocks_before(axis, edge)) - 1
        if block < 0:
            return 0
        return block * self._size + int(np.searchsorted(self._in_block(block)[axis], edge))

    def _blocks_before(self, axis: str, edge: float | NDArray[np.float64]) -> NDArray[np.int64]:
        """How many blocks (the tail is one) begin before `edge`: the last of them is the one that holds it."""
        begins = np.concatenate([self._blocks[axis][: self._count], self._tail[axis][:1]])
        return np.asarray(np.searchsorted(begins, edge))

    def _in_block(self, block: int) -> NDArray[np.void]:
        return self._tail if block == self._count else self._records.read(block * self._size, (block + 1) * self._size)

    def _items(self, axis: str, edges: NDArray[np.float64]) -> NDArray[np.void]:
        """Summaries that cover everything between the edges; where an edge is, of single records."""
        held = np.maximum(self._blocks_before(axis, edges) - 1, 0)
        begin, end = int(held[0]), int(held[-1]) + 1
        if (end - begin) * self._size <= self._in_full:
            return of_records(self._records.read(begin * self._size, end * self._size))
        opened = np.unique(held)
        missing = self._size - len(self._tail) if end > self._count else 0
        records = np.empty(len(opened) * self._size - missing, FIELDS)
        self._records.gather((opened * self._size).tolist(), self._size, records)
        begins = np.arange(len(opened)) * self._size  # of each opened block in `records`
        starts = np.unique(np.concatenate([begins, np.searchsorted(records[axis], edges)]))
        starts = starts[starts < len(records)]
        parts = of_stretches(records, starts)
        number_of_part = opened[starts // self._size] * self._size + starts % self._size
        # Between them lie stretches of blocks that no edge touches.
        begins = np.unique(np.concatenate([opened, opened + 1])) - begin
        begins = begins[(begins < self._count - begin) & (begins < end - begin)]
        stretches = fold(self._blocks[begin : min(end, self._count)], begins)
        closed = ~np.isin(begins + begin, opened, assume_unique=True)
        number = np.concatenate([number_of_part, (begins[closed] + begin) * self._size])
        return np.concatenate([parts, stretches[closed]])[np.argsort(number)]


def _plain(records: NDArray[np.void]) -> Record | None:
    found: list[Record] = records[:1].tolist()
    return found[0] if found else None
