"""How long work on many rows will still take, by how fast it has been so far."""

from __future__ import annotations

import time
from collections.abc import Callable

SURE_S = 5.0
"""Seconds of work below which nothing is said: it may be over by then."""


class TimeLeft:
    """Called with the share that is done, again and again, says how long the rest takes: `, about 3 min left`.

    The first call is where the work begins: what was done before (by a run that was interrupted) took no time of this
    one. Nothing is said in the first seconds, nor at the end.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began: tuple[float, float] | None = None

    def __call__(self, share: float) -> str:
        """Text to put behind a sentence; empty where nothing is known."""
        now = self._clock()
        if self._began is None:
            self._began = now, share
        begin, share_before = self._began
        if now - begin < SURE_S or not share_before < share < 1:
            return ""
        return f", about {_words((now - begin) * (1 - share) / (share - share_before))} left"


def _words(seconds: float) -> str:
    if seconds < 57.5:
        return f"{5 * max(1, round(seconds / 5))} s"
    minutes = max(1, round(seconds / 60))
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"
