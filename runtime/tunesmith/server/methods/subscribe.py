"""`tunesmith/subscribe`."""

from __future__ import annotations

from tunesmith.protocol.live import METHODS, Subscribed, SubscribeParams
from tunesmith.protocol.method import request
from tunesmith.server.session import Session

MEMBER = request("tunesmith/subscribe", METHODS)


async def answer(session: Session, params: SubscribeParams) -> Subscribed:
    """What the answer does not count, comes as notifications behind it."""
    return await session.live.subscribe(await session.run(params.run), params)
