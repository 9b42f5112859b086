"""What all clients of one server process share."""

from __future__ import annotations

import os
from pathlib import Path

from tunesmith.server.background.lanes import Lanes
from tunesmith.server.project import Project


class Hub:
    """Helper processes, projects, the log. Belongs to one event loop."""

    def __init__(self, *, log_file: Path | None) -> None:
        self.lanes = Lanes()
        self.log_file = log_file
        self.pid = os.getpid()
        self._projects: dict[Path, Project] = {}

    def project(self, root: Path) -> Project:
        """The runs in the folder `root`; the same object for every client."""
        return self._projects.setdefault(root, Project(root))

    async def close(self) -> None:
        """End the helper processes."""
        await self.lanes.close()
