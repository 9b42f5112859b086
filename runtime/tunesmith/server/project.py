"""The runs of one workspace, as all its clients see them."""

from __future__ import annotations

from pathlib import Path

from tunesmith.runs.cached import CachedRuns
from tunesmith.runs.queue import RunQueue
from tunesmith.runs.windows import SeriesWindows


class Project:
    """`root` is the folder of runs; it need not exist yet."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.runs = CachedRuns(root)
        self.queue = RunQueue(root, known=self.runs)
        self.windows = SeriesWindows()
