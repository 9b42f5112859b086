"""`series/NAME.bin`: dense numbers, append-only records of step, seconds since the run began, and value.

A record is 24 bytes, little-endian: int64, float64, float64. Beside it, `NAME.crc` holds marks of 16 bytes, each two
int64: how many records there were, and the CRC-32 of those since the mark before. Whoever only wants the numbers needs
no marks; with them a flipped byte is found and its block left out.

Records are copied when read, not mapped: a resumed worker may shorten the file, and a mapped page that is gone kills
the reader.
"""

from __future__ import annotations

import contextlib
import os
import re
import struct
import zlib
from dataclasses import dataclass, replace
from itertools import starmap
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from tunesmith.errors import Place, Problem
from tunesmith.files import OddFileError, open_handle, open_regular

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RECORD = struct.Struct("<qdd")
MARK = struct.Struct("<qq")
FIELDS = [("step", "<i8"), ("seconds", "<f8"), ("value", "<f8")]
LARGEST_STEP = 1 << 53
LONGEST_S = 1e10  # three centuries
MOST_BYTES = 1 << 32  # 179 million records
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]*")

Record = tuple[int, float, float]


class SeriesWriter:
    """Appends to one series. What was not written yet, or could not be, stays in memory until a `flush` succeeds."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._waiting: list[Record] = []  # the newest records
        self._encoded = b""  # those before them, as they go to the file
        self._file: Any = None
        self._marks: Any = None
        self._count = 0  # whole records in the file
        self._marked = 0  # of them, those that marks cover
        self._crc = 0  # of the others
        self.last_seconds: float | None = None  # of the newest record but those that `append` took since
        self.append = self._waiting.append  # append((step, seconds, value)): nothing is cheaper

    @property
    def pending(self) -> int:
        """How many records wait for a flush."""
        return len(self._encoded) // RECORD.size + len(self._waiting)

    def encode(self) -> None:
        """Bring what waits into the file's form; `last_seconds` is up to date behind it."""
        if self._waiting:
            count = len(self._waiting)
            self.last_seconds = self._waiting[count - 1][1]
            self._encoded += b"".join(starmap(RECORD.pack, self._waiting[:count]))
            del self._waiting[:count]  # in place: `append` is bound to this list

    def flush(self, *, mark: bool = True) -> None:
        """Hand all pending records to the operating system; `mark` them, and those before, as whole.

        Raises OSError (a full disk) with the file ending in a whole record and the others still pending.
        """
        self.encode()
        if self._encoded:
            self._write()
        if mark and self._marks is not None and self._marked < self._count:
            self._mark()

    def _write(self) -> None:
        if self._file is None:
            self._open()
        data, written = memoryview(self._encoded), 0
        try:
            self._file.seek(self._count * RECORD.size)
            while written < len(data):
                written += self._file.write(data[written:])
        finally:
            whole = written // RECORD.size
            self._crc = zlib.crc32(data[: whole * RECORD.size], self._crc)
            self._count += whole
            self._encoded = bytes(data[whole * RECORD.size :])
            if self._encoded:
                with contextlib.suppress(OSError):
                    self._file.truncate(self._count * RECORD.size)

    def _mark(self) -> None:
        """A missing mark harms nothing (its block is covered by the next), so a full disk is no error here."""
        with contextlib.suppress(OSError):
            at = self._marks.seek(0, os.SEEK_END)
            try:
                whole = self._marks.write(MARK.pack(self._count, self._crc)) == MARK.size
            except OSError:
                whole = False
            if whole:
                self._marked, self._crc = self._count, 0
            else:
                self._marks.truncate(at)

    def _open(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = _unbuffered(self.path)
        self._marks = _unbuffered(self.path.with_suffix(".crc"))
        size = os.fstat(self._file.fileno()).st_size
        self._count = size // RECORD.size
        if size % RECORD.size:
            self._file.truncate(self._count * RECORD.size)
        marks = [mark for mark in read_marks(self.path) if mark[0] <= self._count]
        self._marks.truncate(len(marks) * MARK.size)
        self._marked = marks[-1][0] if marks else 0
        self._file.seek(self._marked * RECORD.size)
        self._crc = zlib.crc32(self._file.read((self._count - self._marked) * RECORD.size))

    def cut(self, after_step: int) -> CheckedSeries:
        """Drop every written record after `after_step`, and whatever cannot be one behind the last that is kept.

        Returns the records that are left, and what was wrong with the series before.
        """
        self.close()
        found = check_series(self.path)
        kept = found.records["step"] <= after_step
        left = replace(found, records=found.records[kept], positions=found.positions[kept])
        if not self.path.exists():
            return left
        end = int(left.positions[-1]) + 1 if len(left.positions) else 0
        with _unbuffered(self.path) as file, _unbuffered(self.path.with_suffix(".crc")) as marks:
            # Marks first: killed in between, the records behind the last mark are still checked one by one.
            marks.truncate(MARK.size * sum(1 for mark in read_marks(self.path) if mark[0] <= end))
            file.truncate(end * RECORD.size)
        return left

    def sync(self) -> None:
        """Flush, and wait until a power cut could not take it back."""
        self.flush()
        if self._file is not None:
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """Let go of the files; pending records stay pending."""
        for file in (self._file, self._marks):
            if file is not None:
                file.close()
        self._file = self._marks = None


def _unbuffered(path: Path) -> Any:
    return os.fdopen(open_handle(path, os.O_RDWR | os.O_CREAT, inside=_run_of(path)), "r+b", buffering=0)


def _run_of(path: Path) -> Path:
    """The run's folder: a series lies in `series/`, and nothing from there on is a link."""
    return path.parent.parent


def open_series(path: Path) -> BinaryIO:
    """The file of a series to be read, without a buffer. Raises FileNotFoundError, and OddFileError for what is no file
    of the run or larger than any series is."""
    return open_regular(path, inside=_run_of(path), most=MOST_BYTES, buffered=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedSeries:
    """The good records, where in the file they stand (their numbers), and what is wrong with the others."""

    records: NDArray[np.void]
    positions: NDArray[np.int64]
    problems: tuple[Problem, ...]


def read_series(path: Path) -> NDArray[np.void]:
    """The good records of a series, fields `step`, `seconds` and `value`; none where there is no such file."""
    return check_series(path).records


def check_series(path: Path) -> CheckedSeries:
    """Read a series and judge every record. Blocks that their mark contradicts are left out; what no mark covers is
    kept up to the first record that cannot follow the one before.

    A torn tail (fewer than 24 bytes at the end) is what a killed writer may leave, and no problem.
    """
    # Marks before data: a writer adds the mark after its records. What changes in between (a resumed worker cuts) may
    # look like damage for an instant, so damage is believed only while the marks stand still.
    marks = read_marks(path)
    while True:
        try:
            with open_series(path) as file:
                data = file.read()
        except FileNotFoundError:
            data = b""
        except OddFileError as error:
            problem = _damage(path, str(error))
            return replace(_judge(path, b"", []), problems=(problem,))
        found = _judge(path, data, marks)
        again = read_marks(path)
        if not found.problems or again == marks:
            return found
        marks = again


def _judge(path: Path, data: bytes, marks: list[tuple[int, int]]) -> CheckedSeries:
    import numpy as np

    count = len(data) // RECORD.size
    records = np.frombuffer(data, dtype=FIELDS, count=count)
    good = np.ones(count, dtype=bool)
    problems: list[Problem] = []
    covered = 0
    for end, crc in marks:
        if end > count:
            problems.append(_damage(path, f"{end - covered} records are missing or torn at its end; they are left out"))
            break
        if zlib.crc32(memoryview(data)[covered * RECORD.size : end * RECORD.size]) != crc:
            good[covered:end] = False
            problems.append(
                _damage(path, f"records {covered + 1} to {end} were changed after they were written; they are left out")
            )
        covered = end
    before = records[:covered][good[:covered]][-2:]
    kept = _plausible(np.concatenate([before, records[covered:]])) - len(before)
    if kept < count - covered:
        good[covered + kept :] = False
        problems.append(
            _damage(path, f"records {covered + kept + 1} to {count} cannot follow those before them; they are left out")
        )
    return CheckedSeries(records=records[good], positions=np.flatnonzero(good), problems=tuple(problems))


def last_seconds(path: Path) -> float | None:
    """The time of the last whole record; None where there is none, or none that makes sense."""
    try:
        with open_series(path) as file:
            whole = os.fstat(file.fileno()).st_size // RECORD.size
            if not whole:
                return None
            file.seek((whole - 1) * RECORD.size)
            seconds = RECORD.unpack(file.read(RECORD.size))[1]
    except (OSError, struct.error):  # shortened in this moment by a worker that resumes
        return None
    return float(seconds) if 0 <= seconds < LONGEST_S else None


def read_marks(path: Path, after: int = 0) -> list[tuple[int, int]]:
    """The marks of the series at `path` but for the first `after`, up to the first that cannot be one."""
    try:
        with open_regular(path.with_suffix(".crc"), inside=_run_of(path), most=MOST_BYTES) as file:
            file.seek(after * MARK.size)
            data = file.read()
    except (FileNotFoundError, OddFileError):
        return []
    found: list[tuple[int, int]] = []
    for end, crc in MARK.iter_unpack(data[: len(data) // MARK.size * MARK.size]):
        if end <= (found[-1][0] if found else 0) or not 0 <= crc < 1 << 32:
            break
        found.append((end, crc))
    return found


def _plausible(records: NDArray[np.void]) -> int:
    """How many records from the start on have steps and times that can be, and that never go back."""
    import numpy as np

    step, seconds = records["step"], records["seconds"]
    absurd = (step < 0) | (step > LARGEST_STEP) | ~((seconds >= 0) & (seconds <= LONGEST_S))
    backwards = np.zeros(len(records), dtype=bool)
    backwards[1:] = (step[1:] < step[:-1]) | (seconds[1:] < seconds[:-1])
    bad = np.flatnonzero(absurd | backwards)
    if not len(bad):
        return len(records)
    first = int(bad[0])
    # Of two that contradict each other the earlier is the wrong one if the later fits what stands before both.
    if not absurd[first] and first >= 2 and step[first] >= step[first - 2] and seconds[first] >= seconds[first - 2]:
        return first - 1
    return first


def _damage(path: Path, how: str) -> Problem:
    return Problem(
        code="run.damaged-series",
        message=f"the series {path.stem} is damaged: {how}",
        place=Place(file=path),
        severity="warning",
    )


class SeriesTail:
    """Reads only what is new, without numpy: for processes that watch a run."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0

    def skip(self) -> None:
        """Count what is there by now as read."""
        with contextlib.suppress(FileNotFoundError, OddFileError), open_series(self._path) as file:
            self._offset = os.fstat(file.fileno()).st_size // RECORD.size * RECORD.size

    def new(self) -> list[Record]:
        """The records since the last call. After a resumed worker cut the file, goes on from its new end."""
        try:
            with open_series(self._path) as file:
                size = os.fstat(file.fileno()).st_size
                self._offset = min(self._offset, size // RECORD.size * RECORD.size)
                file.seek(self._offset)
                data = file.read(size - self._offset)
        except (FileNotFoundError, OddFileError):
            return []
        whole = len(data) // RECORD.size * RECORD.size
        self._offset += whole
        return list(RECORD.iter_unpack(data[:whole]))
