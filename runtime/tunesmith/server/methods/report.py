"""`tunesmith/report`."""

from __future__ import annotations

from tunesmith.protocol.method import request
from tunesmith.protocol.use import METHODS, Report, ReportParams
from tunesmith.server.session import Session

MEMBER = request("tunesmith/report", METHODS)
DEADLINE_S = 3600.0


async def answer(session: Session, params: ReportParams) -> Report:
    """What the run wrote at its end, or, with `again`, what its model is worth now."""
    run = await session.run(params.run)
    notes: tuple[str, ...] = ()
    if params.again:
        measured = await session.ask(
            "heavy",
            "tunesmith.server.work.models:measure_again",
            {"run": str(run.path), "checkpoint": params.checkpoint, "trusted": session.trusted},
            timeout_s=DEADLINE_S,
            saying="measuring the model",
        )
        notes = tuple(measured)

    def work() -> Report:
        from tunesmith.server.messages.report import report

        return report(run, notes)

    return await session.in_thread(work)
