"""The runs in a folder as they stand. A file of theirs is read again only when it has changed, so that a look at a
thousand runs costs a few stats each.

A file counts as unchanged while its times, its size and its number do. Two writes within one tick of its clock may
leave all of them alike, so what is read of a file that changed a moment ago, or by a clock that was put back since, is
not kept. Whether a worker lives stands in no file: that is looked up each time.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock
from typing import Generic, TypeVar

from tunesmith.files import real_path
from tunesmith.runs.folder import RunFolder, StoredState, in_order, run_entries

T = TypeVar("T")
Stamp = tuple[int, ...]

SETTLED_NS = 2_500_000_000  # the coarsest clock, that of FAT, ticks every two seconds


class CachedRead(Generic[T]):
    """What was read of `files`."""

    def __init__(self, *files: str) -> None:
        self.files = files
        self._kept: tuple[Sequence[Stamp], T] | None = None

    def get(self, read: Callable[[], T]) -> T:
        """What `read` returns now; it is called only where it may return something else than before."""
        stamps = [stamp_of(file) for file in self.files]
        if self._kept is not None and self._kept[0] == stamps:
            return self._kept[1]
        # In this order: what is written while `read` reads has another stamp the next time.
        now_ns = time.time_ns()
        found = read()
        self._kept = (stamps, found) if is_settled(stamps, now_ns) else None
        return found


def stamp_of(path: str) -> Stamp:
    """Changes with the file, or with the list of files in a folder; empty where there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116 - of a thousand runs, every quarter of a second: Path takes twice as long
    except OSError:
        return ()
    return (found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino, found.st_dev)


def is_settled(stamps: Sequence[Stamp], now_ns: int) -> bool:
    """Whether any change after `now_ns` (since 1970) changes one of the stamps."""
    return all(max(stamp[:2], default=0) < now_ns - SETTLED_NS for stamp in stamps)


class CachedRun(RunFolder):
    """A run that remembers what its files say. For any number of threads."""

    def __init__(self, path: Path, *, is_real: bool = False) -> None:
        super().__init__(path, is_real=is_real)
        self._lock = Lock()
        self._stored_state: CachedRead[StoredState] = CachedRead(str(self.state_file))
        self._duration_s: CachedRead[float | None] = CachedRead(str(self.loss_file))

    def stored_state(self) -> StoredState:
        with self._lock:
            return self._stored_state.get(self._read_stored_state)

    def duration_s(self) -> float | None:
        with self._lock:
            return self._duration_s.get(super().duration_s)

    def _read_stored_state(self) -> StoredState:
        found = super().stored_state()
        files = [self.state_file]
        if found.state.damage:
            files.append(self.events_file)
        if found.state.status == "queued":
            files.append(self.launched_file)
        self._stored_state.files = tuple(map(str, files))
        return found


class CachedRuns:
    """The runs under `root`, which need not exist yet. For any number of threads."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._lock = Lock()
        self._folder = root
        self._known: dict[str, CachedRun] = {}

    def all(self) -> list[CachedRun]:
        """All of them, oldest first: the same objects as before where the runs are the same."""
        with self._lock:
            folder = real_path(self.root)
            before = self._known if folder == self._folder else {}
            self._folder, self._known = folder, {}
            for item in run_entries(folder):
                known = before.get(item.name)
                self._known[item.name] = known or CachedRun(Path(item.path), is_real=True)
            return in_order(list(self._known.values()))
