"""What all clients of one server process share."""

from __future__ import annotations

import os
from pathlib import Path

from tunesmith.server.background.lanes import Lanes


class Hub:
    """Helper processes, the log, and whether the server goes on. Belongs to one event loop."""

    def __init__(self, *, log_file: Path | None) -> None:
        self.lanes = Lanes()
        self.log_file = log_file
        self.pid = os.getpid()

    async def close(self) -> None:
        """End the helper processes."""
        await self.lanes.close()
