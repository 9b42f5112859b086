"""The commands above a job, for clients that leave them to the server: run it, estimate it, show its runs.

Each takes the URI of the job file and shows the outcome in a message; it returns the protocol's own result.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from tunesmith.protocol.codec import encode
from tunesmith.server.editor.command_names import ESTIMATE, RUN, SHOW_RUNS
from tunesmith.server.editor.lenses import best_of
from tunesmith.server.progress import Progress

if TYPE_CHECKING:
    from tunesmith.protocol.runs import RunSummary
    from tunesmith.server.client_server import ClientServer

SHOWN_RUNS = 10


def register(server: ClientServer) -> None:
    """Declare the commands. What further arguments a client sends back with the URI is not needed here."""

    @server.command(RUN)
    async def run(uri: str, *more: Any) -> Any:
        from tunesmith.protocol.control import StartParams
        from tunesmith.server.methods.start import answer

        started = await answer(server.session, StartParams(job=uri))
        _say(server, f"{started.run.name}: {started.run.status} as {started.run.id}")
        return encode(started)

    @server.command(ESTIMATE)
    async def estimate(uri: str, *more: Any) -> Any:
        from tunesmith.server.editor.hints import summary

        found = await _with_progress(server, _estimate(server, uri))
        problems = [problem.message for problem in found.problems]
        _say(server, "; ".join([summary(found), *problems]))
        return encode(found)

    @server.command(SHOW_RUNS)
    async def show_runs(uri: str, *more: Any) -> Any:
        from tunesmith.protocol.runs import RunsParams
        from tunesmith.server.methods.runs import answer

        found = await answer(server.session, RunsParams(job=uri))
        _say(server, "\n".join(_line(each) for each in found.runs[:SHOWN_RUNS]) or "there are no runs of this job")
        return encode(found)


async def _estimate(server: ClientServer, uri: str) -> Any:
    """Of the text as it is open; of the file where it is not."""
    from tunesmith.server.editor.service import JobFiles
    from tunesmith.server.programs.estimate import estimate

    found = server.documents.find(uri)
    if found is not None and isinstance(found[1], JobFiles):
        return await found[1].estimate(found[0])
    path = server.session.path(uri)
    return await estimate(path, text=None, overrides=(), measure=True, trusted=server.session.trusted)


async def _with_progress(server: ClientServer, work: Any) -> Any:
    """The result of `work`, which is shown as progress and can be cancelled there."""
    task = asyncio.ensure_future(work)
    progress = Progress(server, "estimating", None)
    watch = asyncio.create_task(progress.watch(), name="progress of the estimate")
    server.working[progress] = task
    try:
        return await task
    finally:
        server.working.pop(progress, None)
        task.cancel()
        watch.cancel()
        await asyncio.gather(watch, return_exceptions=True)
        progress.end("")


def _line(run: RunSummary) -> str:
    best = f", best {best_of(run)}" if run.best else ""
    return f"{run.id}: {run.status}{best}"


def _say(server: ClientServer, message: str) -> None:
    params = {"type": types.MessageType.Info.value, "message": message}
    server.notify(types.WINDOW_SHOW_MESSAGE, params)
