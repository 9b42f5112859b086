"""`tunesmith/start`."""

from __future__ import annotations

from tunesmith.errors import TunesmithError
from tunesmith.protocol.control import METHODS, StartParams, StartResult
from tunesmith.protocol.method import request
from tunesmith.protocol.problems import found
from tunesmith.server.launching import Launched, launch
from tunesmith.server.messages.run_summary import summary
from tunesmith.server.session import Session

MEMBER = request("tunesmith/start", METHODS)


async def answer(session: Session, params: StartParams) -> StartResult:
    """The run's folder stands before the answer does."""
    if params.environment and not session.trusted:
        raise TunesmithError(
            "job.untrusted",
            "variables such as PYTHONPATH make a worker run other code, and this workspace is not trusted yet",
            found=", ".join(sorted(params.environment)),
            hint="trust the project, or start the run without an environment of its own",
        )
    job = session.path(params.job)
    begin_from = params.start_from
    source = None if begin_from is None else await session.run(begin_from.run, "params.startFrom.run")
    trusted, root, queue = session.trusted, session.runs_root, session.project.queue

    def work() -> StartResult:
        from tunesmith.runs.starting import Begin, new_run

        run, warnings = new_run(
            job,
            overrides=params.overrides,
            name=params.name,
            root=root,
            tags=params.tags,
            begin=None if source is None or begin_from is None else Begin(run=source, step=begin_from.step),
            trusted=trusted,
        )
        began: Launched = launch(run, queue, params.mode, params.environment, trusted=trusted)
        return StartResult(
            run=summary(run, position=began.position),
            warnings=tuple(found(problem) for problem in warnings),
            position=began.position,
            command=began.command,
            environment=began.environment,
            folder=began.folder,
        )

    started = await session.in_thread(work)
    session.live.wake(started.run.id)
    return started
