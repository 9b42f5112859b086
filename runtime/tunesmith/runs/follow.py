"""What is new in one run's folder since the last time: records, events, log.

Only positions are kept, never data: whoever asks seldom gets more at once, or its extremes, and costs no memory
meanwhile.
"""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tunesmith.files import OddFileError, open_regular
from tunesmith.runs.commands import SETTLED_NS
from tunesmith.runs.events import EventTail
from tunesmith.runs.folder import RunFolder
from tunesmith.runs.records import ShortenedError
from tunesmith.runs.series import FIELDS, RECORD, open_series

MOST_RECORDS = 1000  # that are reported one by one; more become stretches
STRETCHES = 500
CHUNK = 1 << 15  # records
MOST_MARKS = 64
MOST_LOG = 64 << 10  # bytes
MOST_EVENTS = 256 << 10  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """New points of a series; `first` records lie before them, `records` are there with them.

    A point is a record, or (where `low` and the lists behind it are filled) a stretch of several: its first step and
    seconds, the mean, least and greatest of its `count` finite values (NaN where it has none), and how many are NaN,
    +infinity and -infinity. Where `first` is less than was sent before, the series was cut, and what was sent from
    there on no longer holds.
    """

    first: int
    records: int
    step: Sequence[int] = ()
    seconds: Sequence[float] = ()
    value: Sequence[float] = ()
    low: Sequence[float] = ()
    high: Sequence[float] = ()
    count: Sequence[int] = ()
    nan: Sequence[int] = ()
    plus: Sequence[int] = ()
    minus: Sequence[int] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPart:
    """New text of a log between the bytes `offset` and `end`; `skipped` bytes before it are left out."""

    text: str
    offset: int
    end: int
    skipped: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What came in a run's folder: series by name, events with their numbers (from 1), log."""

    series: Mapping[str, Growth] = field(default_factory=dict)
    events: Sequence[tuple[int, dict[str, Any]]] = ()
    log: LogPart | None = None

    def __bool__(self) -> bool:
        return bool(self.series or self.events or self.log)


class RunFollower:
    """Follows the series `names` (`*`: all), from the number of records `seen` says of each, else from their end; the
    events after number `after_event`, and the log from byte `log_offset` (None: from their end; `log`: whether at all).
    """

    def __init__(
        self,
        run: RunFolder,
        *,
        names: Collection[str] = ("*",),
        seen: Mapping[str, int] | None = None,
        after_event: int | None = None,
        events: bool = True,
        log_offset: int | None = None,
        log: bool = False,
    ) -> None:
        self._run, self._names = run, frozenset(names)
        self._listed: int | None = None
        self._series: dict[str, SeriesFollower] = {}
        for name in self._there():
            self._series[name] = SeriesFollower(run.series_file(name), seen=(seen or {}).get(name))
        self._events = EventTail(run.events_file) if events else None
        self._unsent: list[tuple[int, dict[str, Any]]] = []
        if self._events is not None:
            known = self._events.new()
            after = len(known) if after_event is None else after_event
            self._unsent = [(number, event) for number, event in enumerate(known, 1) if number > after]
        self._log = LogFollower(run.log_file, offset=log_offset) if log else None

    @property
    def seen(self) -> dict[str, int]:
        """How many records of each series are reported."""
        return {name: follower.seen for name, follower in sorted(self._series.items())}

    @property
    def event(self) -> int:
        """The number of the last event that is reported."""
        count = self._events.count if self._events is not None else 0
        return self._unsent[0][0] - 1 if self._unsent else count

    @property
    def log_offset(self) -> int:
        """Where the log goes on."""
        return self._log.offset if self._log is not None else 0

    def new(self) -> News:
        """Everything that came since the last call."""
        for name in self._there():
            if name not in self._series:
                self._series[name] = SeriesFollower(self._run.series_file(name), seen=0)
        grown = {name: growth for name, follower in self._series.items() if (growth := follower.new()) is not None}
        events, self._unsent = self._unsent, []
        if self._events is not None:
            count = self._events.count
            events += list(enumerate(self._events.new(most=MOST_EVENTS), count + 1))
        return News(series=grown, events=events, log=self._log.new() if self._log is not None else None)

    def _there(self) -> list[str]:
        """The names of the series to follow, where there may be new ones."""
        if not self._names:
            return []
        try:
            changed = self._run.series_folder.stat().st_mtime_ns
        except OSError:
            return []
        if changed == self._listed:
            return []
        self._listed = changed if time.time_ns() - changed > SETTLED_NS else None
        return [name for name in self._run.series() if "*" in self._names or name in self._names]


class SeriesFollower:
    """Follows one series from record number `seen` on (None: from its end)."""

    def __init__(self, path: Path, *, seen: int | None = None) -> None:
        self._path = path
        self._looked: tuple[int, int] | None = None  # size and time of the file
        self._marks: list[tuple[int, bytes]] = []  # so many records were reported once, and which was the last of them
        try:
            with open_series(path) as file:
                there = os.fstat(file.fileno()).st_size // RECORD.size
                self.seen = there if seen is None else seen
                if 0 < self.seen <= there:
                    self._mark(file, self.seen)
        except (FileNotFoundError, OddFileError, ShortenedError):
            self.seen = seen or 0

    def new(self) -> Growth | None:
        """What came since the last call; None where nothing did."""
        try:
            found = self._path.stat()
            if (found.st_size, found.st_mtime_ns) == self._looked:
                return None
            with open_series(self._path) as file:
                found = os.fstat(file.fileno())
                growth = self._read(file, found.st_size // RECORD.size)
        except (FileNotFoundError, OddFileError, ShortenedError):  # cut in this moment: the next look finds it shorter
            return None
        self._looked = (found.st_size, found.st_mtime_ns)
        return growth

    def _read(self, file: Any, there: int) -> Growth | None:
        first = self._still_there(file, there)
        if first == there == self.seen:
            return None
        growth = _growth(file, first, there)
        if there:
            self._mark(file, there)
        self.seen = there
        return growth

    def _still_there(self, file: Any, there: int) -> int:
        """How many of the reported records are still there. A series that was cut may have grown again since, but steps
        that come again have other seconds."""
        while self._marks:
            count, last = self._marks[-1]
            if count <= there and _octets(file, count - 1, 1) == last:
                return count
            self._marks.pop()
        return 0

    def _mark(self, file: Any, count: int) -> None:
        if self._marks and self._marks[-1][0] == count:
            return
        self._marks.append((count, _octets(file, count - 1, 1)))
        if len(self._marks) > MOST_MARKS:  # the further back, the wider apart they may be
            at = [count for count, _ in self._marks]
            gaps = [(at[place + 1] - at[place - 1]) / (at[-1] - at[place - 1]) for place in range(1, len(at) - 1)]
            del self._marks[gaps.index(min(gaps)) + 1]


def _octets(file: Any, first: int, count: int) -> bytes:
    file.seek(first * RECORD.size)
    found: bytes = file.read(count * RECORD.size)
    if len(found) < count * RECORD.size:
        raise ShortenedError
    return found


def _growth(file: Any, first: int, there: int) -> Growth:
    if there - first > MOST_RECORDS:
        return _stretches(file, first, there)
    records = list(RECORD.iter_unpack(_octets(file, first, there - first)))
    step, seconds, value = zip(*records, strict=True) if records else ((), (), ())
    return Growth(first=first, records=there, step=step, seconds=seconds, value=value)


def _stretches(file: Any, first: int, there: int) -> Growth:
    import numpy as np  # only where much came at once

    from tunesmith.runs.envelope import draw_all
    from tunesmith.runs.summaries import of_stretches

    size = -(-(there - first) // STRETCHES)
    chunk = max(1, CHUNK // size) * size
    parts = []
    for begin in range(first, there, chunk):
        records = np.frombuffer(_octets(file, begin, min(chunk, there - begin)), FIELDS)
        parts.append(of_stretches(records, np.arange(0, len(records), size)))
    drawn = draw_all(np.concatenate(parts))
    return Growth(
        first=first,
        records=there,
        step=drawn.step.tolist(),
        seconds=drawn.seconds.tolist(),
        value=drawn.mean.tolist(),
        low=drawn.low.tolist(),
        high=drawn.high.tolist(),
        count=drawn.count.tolist(),
        nan=drawn.nan.tolist() if drawn.nan.any() else (),
        plus=drawn.plus.tolist() if drawn.plus.any() else (),
        minus=drawn.minus.tolist() if drawn.minus.any() else (),
    )


class LogFollower:
    """Follows a log from byte `offset` on (None: from its end)."""

    def __init__(self, path: Path, *, offset: int | None = None) -> None:
        self._path = path
        there = _size(path)
        self.offset = there if offset is None else max(0, min(offset, there))

    def new(self) -> LogPart | None:
        """What was printed since the last call, its newest 64 kB; None where nothing was."""
        there = _size(self._path)
        if there < self.offset:
            self.offset = 0  # somebody emptied it
        if there == self.offset:
            return None
        begin = max(self.offset, there - MOST_LOG)
        try:
            with open_regular(self._path, inside=self._path.parent) as file:
                file.seek(begin)
                found = file.read(there - begin)
        except (FileNotFoundError, OddFileError):
            return None
        if begin > self.offset:  # from the first whole line on
            cut = found.find(b"\n") + 1
            begin, found = begin + cut, found[cut:]
        found = found[: len(found) - _unfinished(found)]
        skipped, self.offset = begin - self.offset, begin + len(found)
        if not found:
            return None
        return LogPart(text=found.decode("utf-8", "replace"), offset=begin, end=self.offset, skipped=skipped)


def _unfinished(text: bytes) -> int:
    """How many bytes at its end begin a character whose other bytes are still to come."""
    for back in range(1, min(4, len(text) + 1)):
        byte = text[-back]
        if byte & 0b1100_0000 == 0b1000_0000:
            continue
        length = 2 if byte >> 5 == 0b110 else 3 if byte >> 4 == 0b1110 else 4 if byte >> 3 == 0b11110 else 1
        return back if length > back else 0
    return 0


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
