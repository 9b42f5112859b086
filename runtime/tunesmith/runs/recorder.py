"""What a worker writes while it trains: numbers, buffered, and events, at once. The loop's `Recorder`."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tunesmith.errors import Problem
from tunesmith.runs import events
from tunesmith.runs.series import NAME, Record, SeriesWriter, check_series

MARK_S = 0.2  # between two marks of a series: flushes come more often, so that who watches sees every step soon


class RunRecorder:
    """One a run, in the process that holds it.

    `after_step`: the run goes on after this step (that of its checkpoint; -1 to begin anew): everything recorded later
    than it is cut from the series, and its own evaluation where it is not `evaluated`. `clock` gives seconds of any
    origin that only grow; the seconds of a run go on from the last record. `problems` names the damage found.
    """

    def __init__(
        self,
        folder: Path,
        *,
        after_step: int | None = None,
        evaluated: bool = True,
        clock: Callable[[], float] = time.perf_counter,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._series_folder = folder / "series"
        self._events = folder / "events.jsonl"
        self._clock, self._now = clock, now
        self._writers: dict[str, SeriesWriter] = {}
        self._append: dict[str, Callable[[Record], None]] = {}
        self._marked = clock()
        self._unsaid = b""  # lines of events that a full disk refused
        seconds, self.problems = self._go_on(after_step, evaluated=evaluated)
        self._begin = clock() - seconds
        for found in self.problems:
            self.event("warning", code=found.code, message=found.message)

    def _go_on(self, after_step: int | None, *, evaluated: bool) -> tuple[float, tuple[Problem, ...]]:
        """Cut after the given step; returns the seconds of the last record that stays, and the damage found."""
        problems: list[Problem] = []
        seconds = 0.0
        for path in sorted(self._series_folder.glob("*.bin")):
            comes_again = not evaluated and path.stem.startswith("validation_")
            found = check_series(path) if after_step is None else SeriesWriter(path).cut(after_step - comes_again)
            problems += found.problems
            if len(found.records):
                seconds = max(seconds, float(found.records["seconds"][-1]))
        known = events.read(self._events)
        if after_step is not None and (seconds or any(event["kind"] != "state" for event in known)):
            events.cut_events(self._events, after_step, evaluated=evaluated, now=self._now())
        return seconds, tuple(problems)

    @property
    def seconds(self) -> float:
        """Since the run began, without the time between being cut off and going on."""
        return self._clock() - self._begin

    def scalar(self, name: str, step: int, value: float) -> None:
        """One number. Costs less than a microsecond, its flush included."""
        try:
            self._append[name]((step, self._clock() - self._begin, value))
        except KeyError:
            self._open(name).append((step, self._clock() - self._begin, value))

    def scalars(self, name: str, first_step: int, values: list[float]) -> None:
        """Consecutive steps at once. Their seconds are spread evenly from the series' record before them until now."""
        if not values:
            return
        writer = self._writers.get(name) or self._open(name)
        until = self._clock() - self._begin
        writer.encode()
        since = until if writer.last_seconds is None else writer.last_seconds
        spread = (until - since) / len(values)
        append = writer.append
        for number, value in enumerate(values, start=1):
            append((first_step + number - 1, since + spread * number, value))

    def event(self, kind: str, **fields: Any) -> None:
        """Something rare, durable at once. Where the disk is full it waits for `flush`, which then raises."""
        self._unsaid += events.encode(kind, fields, now=self._now(), seconds=self.seconds)
        try:
            self._say()
        except OSError:
            return

    def _say(self) -> None:
        if self._unsaid:
            events.append(self._events, self._unsaid)
            self._unsaid = b""

    def flush(self) -> None:
        """Hand everything buffered to the operating system. Raises OSError (a full disk) and keeps what is left."""
        now = self._clock()
        marks = now - self._marked >= MARK_S
        self._marked = now if marks else self._marked
        for writer in self._writers.values():
            writer.flush(mark=marks)
        self._say()

    def sync(self) -> None:
        """Flush, and wait until a power cut could not take it back: before a checkpoint counts."""
        for writer in self._writers.values():
            writer.sync()
        self._say()

    def close(self) -> None:
        """Flush and close the files. Raises OSError where the flush fails; the files are closed all the same."""
        try:
            for writer in self._writers.values():
                writer.flush()
            self._say()
        finally:
            for writer in self._writers.values():
                writer.close()

    def _open(self, name: str) -> SeriesWriter:
        if not NAME.fullmatch(name):
            raise ValueError(f"not a name for a series: {name!r}")
        writer = self._writers[name] = SeriesWriter(self._series_folder / f"{name}.bin")
        self._append[name] = writer.append
        return writer
