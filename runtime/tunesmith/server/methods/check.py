"""`tunesmith/check`."""

from __future__ import annotations

from typing import Any

from tunesmith.protocol.jobs import METHODS, JobParams
from tunesmith.protocol.method import request
from tunesmith.server.session import Session

MEMBER = request("tunesmith/check", METHODS)
DEADLINE_S = 600.0


async def answer(session: Session, params: JobParams) -> Any:
    """The same as `tunesmith check`; in an untrusted workspace what needs its code is told as job.untrusted."""
    return await session.ask(
        "jobs",
        "tunesmith.server.work.jobs:check_job",
        {
            "job": str(session.path(params.job)),
            "text": params.text,
            "overrides": list(params.overrides),
            "trusted": session.trusted,
        },
        timeout_s=DEADLINE_S,
        saying="reading job and data",
    )
