"""The good records of one series by their number, read from the file as they are needed."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from tunesmith.files import OddFileError
from tunesmith.runs.series import FIELDS, LARGEST_STEP, LONGEST_S, RECORD, check_series, open_series, read_marks

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

OPEN = 1 << 62  # the end of a range that grows with the file
CHUNK_BYTES = 1 << 20
MUCH = 1 << 16  # so many records are compared with their marks beside other work


class ShortenedError(Exception):
    """The file was cut while it was being read; what is left can be read when it is opened again."""


class Records:
    """Reads the series at `path`. All records count as good until `judge` has found damage among them.

    `count` is how many there were when the file was opened; `generation` changes whenever the numbers of the records no
    longer mean the same records.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: Any = None
        self._in_file = 0
        self._ranges = [(0, OPEN)]  # of good records, by their number in the file
        self._judged: int | None = None  # how many there were in the file when it was judged
        self._proof = _Proof(path)
        self.count = self.generation = 0

    @contextmanager
    def open(self) -> Iterator[None]:
        """Reading is possible inside; a file that does not exist is one without records."""
        try:
            self._file = open_series(self._path)
        except (FileNotFoundError, OddFileError):
            self._in_file = self.count = 0
            yield
            return
        try:
            self._in_file = os.fstat(self._file.fileno()).st_size // RECORD.size
            if self._judged is not None and not self._still_judged():
                self._judged, self._ranges, self._proof = None, [(0, OPEN)], _Proof(self._path)
                self.generation += 1
            self._number()
            yield
        finally:
            self._file.close()

    def _still_judged(self) -> bool:
        assert self._judged is not None
        grows = bool(self._ranges) and self._ranges[-1][1] == OPEN
        return self._in_file == self._judged or (grows and self._in_file > self._judged)

    def _number(self) -> None:
        self.count = sum(max(0, min(end, self._in_file) - begin) for begin, end in self._ranges)

    def fill(self, begin: int, into: NDArray[np.void]) -> NDArray[np.void]:
        """Read the records from number `begin` on into the array `into`; returns the part of it that there was enough
        for. Raises ShortenedError."""
        import numpy as np

        wanted, filled = min(len(into), self.count - begin), 0
        for first, end in self._ranges:
            have = max(0, min(end, self._in_file) - first)
            if begin < have and filled < wanted:
                part = into[filled : min(wanted, filled + have - begin)].view(np.uint8)
                self._file.seek((first + begin) * RECORD.size)
                if self._file.readinto(part) != len(part):
                    raise ShortenedError
                filled += len(part) // RECORD.size
            begin = max(0, begin - have)
        return into[:filled]

    def gather(self, begins: Sequence[int], size: int, into: NDArray[np.void]) -> None:
        """Read `size` records from each of the numbers `begins` on, one stretch behind the other, until `into` is full.
        Raises ShortenedError."""
        import numpy as np

        if len(self._ranges) != 1 or self._ranges[0][0]:
            for place, begin in enumerate(begins):
                self.fill(begin, into[place * size : (place + 1) * size])
            return
        # Thousands of times in a row: nothing but the two calls.
        octets, length = into.view(np.uint8).data, size * RECORD.size
        for place, begin in enumerate(begins):
            self._file.seek(begin * RECORD.size)
            part = octets[place * length : (place + 1) * length]
            if self._file.readinto(part) != len(part):
                raise ShortenedError

    def read(self, begin: int, end: int) -> NDArray[np.void]:
        """The records from number `begin` to before `end`, as far as there are so many. Raises ShortenedError."""
        import numpy as np

        return self.fill(begin, np.empty(max(0, min(end, self.count) - begin), FIELDS))

    @contextmanager
    def compared(self) -> Iterator[Callable[[], bool]]:
        """Compare what is new in the file with its marks while the block works; behind it, the function that is handed
        over returns whether a mark contradicts its records."""
        count = self._in_file
        if count - self._proof.covered < MUCH:
            yield lambda: self._proof.contradicts(count)
            return
        with ThreadPoolExecutor(1) as beside:
            found = beside.submit(self._proof.contradicts, count)
            yield found.result

    def judge(self) -> bool:
        """Look for damage by the marks, and leave it out from now on; whether that had not been done before.

        Reads the whole file.
        """
        import numpy as np

        if self._judged == self._in_file:
            return False  # written like that: nothing is left to be found
        positions = check_series(self._path).positions
        positions = positions[positions < self._in_file]
        begins = np.flatnonzero(np.diff(positions, prepend=-2) != 1)
        lasts = positions[[*(begins[1:] - 1), -1]] if len(positions) else positions
        self._ranges = [
            (begin, last + 1) for begin, last in zip(positions[begins].tolist(), lasts.tolist(), strict=True)
        ]
        if self._ranges and self._ranges[-1][1] == self._in_file:
            self._ranges[-1] = (self._ranges[-1][0], OPEN)
        self._judged = self._in_file
        self._number()
        self.generation += 1
        return True


class _Proof:
    """The marks of a series, each compared once with the records that it covers, as both grow."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._compared = 0  # marks
        self._last = (0, 0)  # of them
        self.covered = 0  # records

    def contradicts(self, count: int) -> bool:
        """Whether a mark that was not compared before says otherwise than its records, of `count` in the file."""
        marks = read_marks(self._path, max(0, self._compared - 1))
        if self._compared:
            if marks[:1] == [self._last]:
                marks = marks[1:]
            else:  # the series was cut, and may have grown again
                self._compared, self._last, self.covered = 0, (0, 0), 0
                marks = read_marks(self._path)
        is_wrong = False
        with suppress(FileNotFoundError, OddFileError), open_series(self._path) as file:
            file.seek(self.covered * RECORD.size)
            for end, crc in marks:
                if end > count:
                    break
                is_wrong |= _crc(file, end - self.covered) != crc
                self._compared, self._last, self.covered = self._compared + 1, (end, crc), end
        return is_wrong


def _crc(file: BinaryIO, count: int) -> int:
    """The CRC-32 of the next `count` records."""
    crc, left = 0, count * RECORD.size
    while left and (data := file.read(min(left, CHUNK_BYTES))):
        crc = zlib.crc32(data, crc)
        left -= len(data)
    return crc


def in_order(records: NDArray[np.void]) -> bool:
    """Whether steps and seconds are such as a writer makes: not negative, never going back."""
    step, seconds = records["step"], records["seconds"]
    if not len(records):
        return True
    return bool(
        step[0] >= 0
        and seconds[0] >= 0
        and (step[1:] >= step[:-1]).all()
        and (seconds[1:] >= seconds[:-1]).all()
        and step[-1] <= LARGEST_STEP
        and seconds[-1] <= LONGEST_S
    )
