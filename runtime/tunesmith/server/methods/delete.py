"""`tunesmith/delete`."""

from __future__ import annotations

from pathlib import Path

from tunesmith.errors import TunesmithError
from tunesmith.protocol.method import request
from tunesmith.protocol.problems import Found, found
from tunesmith.protocol.runs import METHODS, DeleteParams, DeleteResult
from tunesmith.runs.folder import RunFolder
from tunesmith.server.session import Session

MEMBER = request("tunesmith/delete", METHODS)
DEADLINE_S = 300.0


async def answer(session: Session, params: DeleteParams) -> DeleteResult:
    """Each run by itself: what cannot be deleted is reported, and the others are deleted."""
    problems: list[Found] = []
    runs: dict[Path, RunFolder] = {}
    for number, reference in enumerate(params.runs):
        try:
            run = await session.run(reference, f"params.runs[{number}]")
            runs[run.path] = run
        except TunesmithError as error:  # noqa: PERF203 - a few runs
            problems += [found(problem) for problem in error.problems]
    windows, queue = session.project.windows, session.project.queue

    def work() -> DeleteResult:
        from tunesmith.runs.trash import delete, purge

        deleted, trash = [], []
        for run in runs.values():
            try:
                if run.id in queue.read().ids:
                    queue.cancel(run.id)
                path = delete(run)
                if params.purge:
                    purge(path)
            except TunesmithError as error:
                problems.extend(found(problem) for problem in error.problems)
                continue
            windows.forget(run.path)
            deleted.append(run.id)
            if not params.purge:
                trash.append(str(path))
        return DeleteResult(deleted=tuple(deleted), trash=tuple(trash), problems=tuple(problems))

    result = await session.in_thread(work, timeout_s=DEADLINE_S)
    session.live.wake()
    return result
