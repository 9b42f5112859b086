"""`tunesmith/command`."""

from __future__ import annotations

from tunesmith.protocol.codec import wrong
from tunesmith.protocol.control import METHODS, CommandParams, CommandResult
from tunesmith.protocol.method import request
from tunesmith.runs.folder import RunFolder
from tunesmith.runs.queue import RunQueue
from tunesmith.server.launching import Launched, launch
from tunesmith.server.messages.run_summary import summary
from tunesmith.server.session import Session

MEMBER = request("tunesmith/command", METHODS)


async def answer(session: Session, params: CommandParams) -> CommandResult:
    """Leaves the request and does not wait for the worker: its answer is the run's next state."""
    if params.command == "set" and not params.values:
        raise wrong("params.values", {}, "at least one value")
    run = await session.run(params.run)
    queue, trusted = session.project.queue, session.trusted

    def work() -> CommandResult:
        began = _do(run, queue, params, trusted=trusted)
        return CommandResult(
            run=summary(run, position=began.position),
            position=began.position,
            command=began.command,
            environment=began.environment,
            folder=began.folder,
        )

    done = await session.in_thread(work)
    session.live.wake(run.id)
    return done


def _refuse_code(run: RunFolder) -> None:
    from tunesmith.catalog import Catalog
    from tunesmith.job.callables import refuse_code
    from tunesmith.job.load import load_job

    refuse_code(load_job(run.job_file, Catalog()).job, trusted=False)


def _do(run: RunFolder, queue: RunQueue, params: CommandParams, *, trusted: bool) -> Launched:
    from tunesmith.runs import control

    if params.command == "resume":
        if not trusted:
            _refuse_code(run)
        return launch(run, queue, params.mode, {}, trusted=trusted)
    if params.command in ("stop", "pause"):
        if run.id in queue.read().ids:
            queue.cancel(run.id)
        else:
            control.request_end(run, "stop" if params.command == "stop" else "pause", wait=False)
    elif params.command == "checkpoint":
        control.send_command(run, "checkpoint")
    elif params.command == "set":
        control.send_command(run, "set", params.values)
    else:
        control.kill(run)
    return Launched()
