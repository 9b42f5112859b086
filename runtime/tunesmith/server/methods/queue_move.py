"""`tunesmith/queueMove`."""

from __future__ import annotations

from tunesmith.protocol.codec import wrong
from tunesmith.protocol.method import request
from tunesmith.protocol.queue import METHODS, MoveParams, Queue
from tunesmith.server.messages.queue import as_message
from tunesmith.server.session import Session

MEMBER = request("tunesmith/queueMove", METHODS)


async def answer(session: Session, params: MoveParams) -> Queue:
    """Another place for a waiting run."""
    if params.position < 1:
        raise wrong("params.position", params.position, "1 or more")
    run = await session.run(params.run)
    queue = session.project.queue

    def work() -> Queue:
        queue.move(run.id, params.position)
        return as_message(queue)

    found = await session.in_thread(work)
    session.live.wake()
    return found
