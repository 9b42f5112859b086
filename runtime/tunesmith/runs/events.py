"""`events.jsonl`: the rare things of a run, one JSON object a line; a line counts once its newline is there."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from tunesmith import guarded
from tunesmith.files import OddFileError, open_handle, open_regular
from tunesmith.runs.state import MOST_COUNT, is_moment

TAIL_BLOCK = 1 << 16
MOST_BYTES = 1 << 28


def encode(kind: str, fields: dict[str, Any], *, now: float, seconds: float | None = None) -> bytes:
    """One line. `now` is seconds since 1970, `seconds` since the run began."""
    head: dict[str, Any] = {"kind": kind, "time": round(now, 6)}
    if seconds is not None:
        head["seconds"] = round(seconds, 6)
    return guarded.encode_line({**head, **fields})


def _decoded(line: bytes) -> dict[str, Any] | None:
    """An event, or None for what is none: its kind, times and step are such as a writer makes."""
    try:
        event = guarded.decode_line(line)
    except guarded.DamagedFileError:
        return None
    fits = (
        isinstance(event.get("kind"), str)
        and all(name not in event or is_moment(event[name]) for name in ("time", "seconds"))
        and ("step" not in event or (type(event["step"]) is int and abs(event["step"]) <= MOST_COUNT))
    )
    return event if fits else None


def append(path: Path, lines: bytes) -> None:
    """Append whole lines and make them durable: all or, where that fails (OSError), nothing.

    A torn tail that a killed writer left is cut off first: no reader ever counted it. Only the holder of the run's
    lock appends.
    """
    handle = open_handle(path, os.O_RDWR | os.O_CREAT, inside=path.parent)
    try:
        size = os.fstat(handle).st_size
        end = _whole(handle, size)
        if end != size:
            os.ftruncate(handle, end)
        os.lseek(handle, end, os.SEEK_SET)
        try:
            left = memoryview(lines)
            while left:
                left = left[os.write(handle, left) :]
            os.fsync(handle)
        except OSError:
            os.ftruncate(handle, end)
            raise
    finally:
        os.close(handle)


def _whole(handle: int, size: int) -> int:
    """Where the last whole line ends."""
    end = size
    while end > 0:
        begin = max(0, end - TAIL_BLOCK)
        os.lseek(handle, begin, os.SEEK_SET)
        newline = os.read(handle, end - begin).rfind(b"\n")
        if newline >= 0:
            return begin + newline + 1
        end = begin
    return 0


def read(path: Path) -> list[dict[str, Any]]:
    """All events, oldest first; a torn tail and damaged lines are left out."""
    return EventTail(path).new()


class EventTail:
    """Reads only what is new."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self.damaged = 0  # lines that could not be read
        self.odd = ""  # why the file was not read
        self.count = 0  # events so far

    def new(self, *, most: int = -1) -> list[dict[str, Any]]:
        """The events since the last call; where `most` is given, those of about so many bytes: the others come next."""
        try:
            with open_regular(self._path, inside=self._path.parent, most=MOST_BYTES) as file:
                file.seek(self._offset)
                content = file.read(most)
                if len(content) == most:
                    content += file.readline()
        except FileNotFoundError:
            return []
        except OddFileError as error:
            self.odd = str(error)
            return []
        whole = content[: content.rfind(b"\n") + 1]
        self._offset += len(whole)
        found = []
        for line in whole.splitlines():
            event = _decoded(line)
            if event is None:
                self.damaged += 1
            else:
                found.append(event)
        self.count += len(found)
        return found


def follow(path: Path, ended: Callable[[], bool], *, poll_s: float = 0.25) -> Iterator[dict[str, Any]]:
    """Events as they come, until `ended()`; what was written before the end still comes."""
    tail = EventTail(path)
    while True:
        last = ended()
        yield from tail.new()
        if last:
            return
        time.sleep(poll_s)


JUDGING = frozenset({"evaluation", "early-stop"})


def cut_events(path: Path, after_step: int, *, evaluated: bool, now: float) -> None:
    """Note that the run goes on after `after_step`, whose evaluation comes again where it is not `evaluated`.

    Nothing is deleted: `current` leaves out what no longer holds.
    """
    more = {} if evaluated else {"evaluated": False}
    append(path, encode("resumed", {"step": after_step, **more}, now=now))


def current(events: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The events as of a run that was never cut off: what lay after the step of a later `resumed` is left out."""
    kept: list[dict[str, Any]] = []
    for event in events:
        if event["kind"] == "resumed" and isinstance(event.get("step"), int):
            after = event["step"]
            kept = [item for item in kept if item["kind"] == "state" or not _is_after(item, after)]
            if event.get("evaluated") is False:
                kept = [item for item in kept if item["kind"] not in JUDGING or item.get("step") != after]
        kept.append(event)
    return kept


def _is_after(event: dict[str, Any], step: int) -> bool:
    found = event.get("step")
    return isinstance(found, int) and found > step
