"""Any window of any series of the project's runs, at once: the series that were looked at last are kept ready."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from tunesmith.runs.envelope import Window
from tunesmith.runs.smoothing import Smoothing

if TYPE_CHECKING:
    from tunesmith.runs.index import SeriesIndex, View

LIMIT_BYTES = 64 << 20  # for all series together; one of ten million records takes 16 MB


class SeriesWindows:
    """Answers for series by their file, on threads too; what is kept ready never takes more than `limit_bytes`, but for
    the series that is being looked at."""

    def __init__(self, *, limit_bytes: int = LIMIT_BYTES) -> None:
        self._limit_bytes = limit_bytes
        self._kept: OrderedDict[Path, tuple[SeriesIndex, Lock]] = OrderedDict()  # the one looked at last comes last
        self._lock = Lock()

    @property
    def nbytes(self) -> int:
        """The memory of what is kept ready."""
        return sum(index.nbytes for index, _ in list(self._kept.values()))

    def view(
        self, path: Path, window: Window, smoothing: Smoothing | None = None, check: Callable[[], None] = lambda: None
    ) -> View:
        """What `window` shows of the series in the file `path`, as `SeriesIndex.view` does; a series without a file is
        one without records."""
        from tunesmith.runs.index import SeriesIndex  # with it comes numpy, which an idle server does without

        with self._lock:
            index, lock = self._kept.setdefault(path, (SeriesIndex(path), Lock()))
            self._kept.move_to_end(path)
        with lock:
            found = index.view(window, smoothing, check)
        with self._lock:
            while self.nbytes > self._limit_bytes and len(self._kept) > 1:
                self._kept.popitem(last=False)
        return found

    def forget(self, folder: Path) -> None:
        """Let go of every series below `folder`: its run is gone."""
        with self._lock:
            for path in [path for path in self._kept if folder in path.parents]:
                del self._kept[path]
