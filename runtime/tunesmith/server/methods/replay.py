"""`tunesmith/replay`."""

from __future__ import annotations

import json
from typing import Any

from tunesmith.errors import TunesmithError
from tunesmith.protocol.method import request
from tunesmith.protocol.use import METHODS, ReplayParams, ReplayResult, RowPlace
from tunesmith.python_process import module_command
from tunesmith.server.messages.run_details import NOT_FINITE
from tunesmith.server.programs.process import run_module
from tunesmith.server.session import Session

MEMBER = request("tunesmith/replay", METHODS)
DEADLINE_S = 3600.0


async def answer(session: Session, params: ReplayParams) -> ReplayResult:
    """Rebuilt by a process of its own, as `tunesmith replay` does."""
    run = await session.run(params.run)
    if not session.trusted:
        raise TunesmithError(
            "job.untrusted",
            "rebuilding a step may run code of this project, which is not trusted yet",
            hint="trust the project",
        )
    arguments = ("tunesmith", "replay", str(run.path), "--step", str(params.step))
    status, out, err = await run_module((*arguments, "--json"), folder=run.path.parent, timeout_s=DEADLINE_S)
    try:
        found = json.loads(out.splitlines()[-1])
    except (IndexError, ValueError):
        lines = [line for line in err.splitlines() if line.strip()]
        code = "run.no-such-step" if "run.no-such-step" in err else "run.replay-failed"
        raise TunesmithError(
            code,
            "the step could not be rebuilt",
            found=lines[0] if code == "run.no-such-step" and lines else (lines or [f"exit status {status}"])[-1],
            hint=f"tunesmith replay {run.id} --step {params.step}",
        ) from None
    return ReplayResult(
        run=run.id,
        step=int(found["step"]),
        from_step=int(found["from_step"]),
        rows=tuple(RowPlace(file=row["file"], line=row["line"]) for row in found["rows"]),
        loss=_number(found["loss"]),
        recorded=None if found["recorded"] is None else _number(found["recorded"]),
        exact=bool(found["exact"]),
        command=module_command(*arguments, "--break"),
    )


def _number(value: Any) -> float:
    return NOT_FINITE[value] if isinstance(value, str) else float(value)
