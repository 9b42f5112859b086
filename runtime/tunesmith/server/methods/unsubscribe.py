"""`tunesmith/unsubscribe`."""

from __future__ import annotations

from tunesmith.protocol.live import METHODS, Unsubscribed, UnsubscribeParams
from tunesmith.protocol.method import request
from tunesmith.server.session import Session

MEMBER = request("tunesmith/unsubscribe", METHODS)


async def answer(session: Session, params: UnsubscribeParams) -> Unsubscribed:
    """From now on."""
    run = await session.run(params.run)
    session.live.unsubscribe(run.id)
    return Unsubscribed(run=run.id)
