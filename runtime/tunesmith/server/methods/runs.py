"""`tunesmith/runs`."""

from __future__ import annotations

from tunesmith.protocol.method import request
from tunesmith.protocol.runs import METHODS, Runs, RunsParams
from tunesmith.server.session import Session
from tunesmith.server.summary import summary

MEMBER = request("tunesmith/runs", METHODS)


async def answer(session: Session, params: RunsParams) -> Runs:
    """Newest first; a run whose process is gone is lost, with its remedy."""
    root = session.runs_root

    def read() -> Runs:
        from tunesmith.runs.folder import all_runs

        found = all_runs(root)[::-1]
        listed = [summary(run) for run in (found[: params.limit] if params.job is None else found)]
        if params.job is not None:
            listed = [each for each in listed if each.job == params.job]
        return Runs(runs=tuple(listed[: params.limit]), root=str(root))

    return await session.in_thread(read)
