"""`tunesmith/runs`."""

from __future__ import annotations

from tunesmith.files import real_path
from tunesmith.protocol.method import request
from tunesmith.protocol.runs import METHODS, Runs, RunsParams
from tunesmith.server.messages.run_summary import summary
from tunesmith.server.session import Session

MEMBER = request("tunesmith/runs", METHODS)


async def answer(session: Session, params: RunsParams) -> Runs:
    """Newest first; a run whose process is gone is lost, with its remedy."""
    job = None if params.job is None else str(real_path(session.path(params.job)))
    project = session.project

    def read() -> Runs:
        waiting = {run: position for position, run in enumerate(project.queue.read().ids, start=1)}
        found = project.runs.all()[::-1]
        # Of a job's runs one knows only when they are read.
        found = found if params.job is not None else found[: params.limit]
        listed = [summary(run, position=waiting.get(run.id)) for run in found]
        if job is not None:
            listed = [each for each in listed if each.job == job]
        return Runs(runs=tuple(listed[: params.limit]), root=str(project.root))

    return await session.as_it_stands(read)
