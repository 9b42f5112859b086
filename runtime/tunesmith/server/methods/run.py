"""`tunesmith/run`."""

from __future__ import annotations

from tunesmith.protocol.method import request
from tunesmith.protocol.runs import METHODS, RunDetail, RunParams
from tunesmith.server.session import Session

MEMBER = request("tunesmith/run", METHODS)


async def answer(session: Session, params: RunParams) -> RunDetail:
    """Read from the run's folder."""
    run = await session.run(params.run)
    queue = session.project.queue

    def work() -> RunDetail:
        from tunesmith.server.messages.run_details import detail

        waiting = queue.read().ids
        return detail(run, position=waiting.index(run.id) + 1 if run.id in waiting else None)

    return await session.as_it_stands(work)
