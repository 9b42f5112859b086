"""How far work on many rows has come, in a line every few seconds."""

from __future__ import annotations

import sys
import time

LINE_S = 5.0


class ProgressLines:
    """Prints a line on standard error whenever one is due; nothing where not `shown`: nobody reads it."""

    def __init__(self, *, shown: bool) -> None:
        self._shown = shown
        self._last = time.monotonic()

    def __call__(self, message: str) -> None:
        """The work has come as far as `message` says."""
        if self._shown and time.monotonic() - self._last >= LINE_S:
            self._last = time.monotonic()
            print(f"{message} ...", file=sys.stderr, flush=True)
