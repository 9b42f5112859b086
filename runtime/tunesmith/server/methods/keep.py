"""`tunesmith/keep`."""

from __future__ import annotations

from tunesmith.protocol.control import METHODS, KeepParams, KeepResult
from tunesmith.protocol.method import request
from tunesmith.server.session import Session

MEMBER = request("tunesmith/keep", METHODS)


async def answer(session: Session, params: KeepParams) -> KeepResult:
    """A mark in the run's folder: a worker that trains heeds it with its next checkpoint."""
    run = await session.run(params.run)

    def work() -> KeepResult:
        from tunesmith.runs import kept
        from tunesmith.runs.comparison import settings_of
        from tunesmith.server.messages.run_details import checkpoints_of

        (kept.keep if params.keep else kept.release)(run, params.step)
        return KeepResult(run=run.id, checkpoints=checkpoints_of(run, settings_of(run), run.events(), run.state().best))

    return await session.in_thread(work)
