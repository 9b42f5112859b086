"""Jobs tried in a process of their own, as messages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tunesmith.errors import Problem, TunesmithError
from tunesmith.server.programs.process import run_module


async def try_job(job: Path, *, text: str | None, overrides: Sequence[str]) -> list[Problem]:
    """What keeps a run of the job from working; see `tunesmith.trial`. For trusted projects: their code is imported."""
    from tunesmith.estimate.prepared import Request
    from tunesmith.estimate.run import encoded
    from tunesmith.trial.run import DEADLINE_S, problems_in, timed_out

    asked = Request(file=job, text=text, overrides=tuple(overrides))
    try:
        status, out, err = await run_module(("tunesmith.trial",), given=encoded(asked), timeout_s=DEADLINE_S)
    except TunesmithError as error:
        if error.code != "server.timeout":
            raise
        return [timed_out(DEADLINE_S)]
    return problems_in(out, err, status)
