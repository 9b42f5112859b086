"""How far work on many rows has come, in a line every few seconds."""

from __future__ import annotations

import sys
import time

LINE_S = 5.0


class ProgressLines:
    """Prints a line on standard error every few seconds, and then also when other work begins; nothing where not
    `shown`: nobody reads it."""

    def __init__(self, *, shown: bool) -> None:
        self._shown = shown
        self._began = self._last = time.monotonic()
        self._work = ""

    def __call__(self, message: str) -> None:
        """The work has come as far as `message` says."""
        now, work = time.monotonic(), message.partition(":")[0]
        is_other = work != self._work and now - self._began >= LINE_S
        self._work = work
        if self._shown and (is_other or now - self._last >= LINE_S):
            self._last = now
            print(f"{message} ...", file=sys.stderr, flush=True)
