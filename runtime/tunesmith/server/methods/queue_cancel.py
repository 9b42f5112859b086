"""`tunesmith/queueCancel`."""

from __future__ import annotations

from tunesmith.protocol.method import request
from tunesmith.protocol.queue import METHODS, CancelParams, Queue
from tunesmith.server.messages.queue import as_message
from tunesmith.server.session import Session

MEMBER = request("tunesmith/queueCancel", METHODS)


async def answer(session: Session, params: CancelParams) -> Queue:
    """The run's folder stays."""
    run = await session.run(params.run)
    queue = session.project.queue

    def work() -> Queue:
        queue.cancel(run.id)
        return as_message(queue)

    found = await session.in_thread(work)
    session.live.wake()
    return found
