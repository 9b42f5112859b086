"""`tunesmith/queue`."""

from __future__ import annotations

from tunesmith.protocol.codec import wrong
from tunesmith.protocol.method import request
from tunesmith.protocol.queue import METHODS, Queue, QueueParams
from tunesmith.runs.queue import MOST_PARALLEL
from tunesmith.server.messages.queue import as_message
from tunesmith.server.session import Session

MEMBER = request("tunesmith/queue", METHODS)


async def answer(session: Session, params: QueueParams) -> Queue:
    """Look, or change how many runs train at a time."""
    if params.parallel is not None and not 1 <= params.parallel <= MOST_PARALLEL:
        raise wrong("params.parallel", params.parallel, f"1 to {MOST_PARALLEL}")
    queue, trusted = session.project.queue, session.trusted

    def work() -> Queue:
        if params.parallel is not None:
            queue.set_parallel(params.parallel)
            queue.launch_next(only_own=not trusted)
        return as_message(queue)

    found = await session.as_it_stands(work)
    session.live.wake()
    return found
