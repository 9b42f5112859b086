"""`tunesmith/check`."""

from __future__ import annotations

from typing import Any

from tunesmith.checks.job import is_good
from tunesmith.protocol.codec import encode
from tunesmith.protocol.jobs import METHODS, JobParams
from tunesmith.protocol.method import request
from tunesmith.protocol.problems import found
from tunesmith.server.programs.trial import try_job
from tunesmith.server.session import Session

MEMBER = request("tunesmith/check", METHODS)
DEADLINE_S = 600.0


async def answer(session: Session, params: JobParams) -> Any:
    """The same as `tunesmith check`; in an untrusted workspace nothing is built and tried, and what needs the
    project's code is reported as job.untrusted."""
    read = await session.ask(
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
    if not read["ok"] or not session.trusted:
        return read
    tried = await try_job(session.path(params.job), text=params.text, overrides=params.overrides)
    problems = [*read["problems"], *(encode(found(problem)) for problem in tried)]
    return {**read, "ok": is_good(tried), "problems": problems}
