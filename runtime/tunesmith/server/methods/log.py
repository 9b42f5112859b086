"""`tunesmith/log`."""

from __future__ import annotations

from tunesmith.protocol.method import request
from tunesmith.protocol.runs import METHODS, Log, LogParams
from tunesmith.server.session import Session

MEMBER = request("tunesmith/log", METHODS)


async def answer(session: Session, params: LogParams) -> Log:
    """Whole lines."""
    run = await session.run(params.run)

    def work() -> Log:
        from tunesmith.server.logfile import matching, piece

        if params.search:
            return matching(run.log_file, params.search, offset=params.offset, limit=params.limit)
        return piece(run.log_file, offset=params.offset, limit=params.limit)

    return await session.in_thread(work)
