"""`tunesmith/series`."""

from __future__ import annotations

import threading

from tunesmith.protocol.codec import wrong
from tunesmith.protocol.method import request
from tunesmith.protocol.series import METHODS, SeriesParams, SeriesResult
from tunesmith.server.session import Session

MEMBER = request("tunesmith/series", METHODS)
WIDEST = 20_000
FURTHEST = 1e15  # steps or seconds


class _CancelledError(Exception):
    """Nobody waits for the curves any more."""


async def answer(session: Session, params: SeriesParams) -> SeriesResult:
    """Envelopes for the width; what was read before is kept, so that the next window of a series comes at once."""
    if not 1 <= params.width <= WIDEST:
        raise wrong("params.width", params.width, f"1 to {WIDEST}")
    if not 0 <= params.smoothing < 1:
        raise wrong("params.smoothing", params.smoothing, "0 to below 1")
    for name, edge in (("first", params.first), ("last", params.last)):
        if edge is not None and not abs(edge) <= FURTHEST:
            raise wrong(f"params.{name}", edge, f"-{FURTHEST:g} to {FURTHEST:g}")
    run = await session.run(params.run)
    windows = session.project.windows
    given_up = threading.Event()

    def check() -> None:
        if given_up.is_set():
            raise _CancelledError

    def work() -> SeriesResult:
        from tunesmith.server.messages.curves import curves

        return SeriesResult(run=run.id, curves=curves(run, windows, params, check))

    try:
        return await session.in_thread(work)
    finally:
        given_up.set()
