"""`tunesmith/events`."""

from __future__ import annotations

from tunesmith.protocol.method import request
from tunesmith.protocol.runs import METHODS, Events, EventsParams
from tunesmith.server.session import Session

MEMBER = request("tunesmith/events", METHODS)
MOST = 100_000


async def answer(session: Session, params: EventsParams) -> Events:
    """Oldest first, those that a resume took back marked."""
    run = await session.run(params.run)

    def work() -> Events:
        from tunesmith.server.messages.run_details import events_of

        found = events_of(run)
        kept = [event for event in found[max(0, params.after) :] if not params.kinds or event.kind in params.kinds]
        return Events(events=tuple(kept[: min(max(0, params.limit), MOST)]), total=len(found))

    return await session.in_thread(work)
