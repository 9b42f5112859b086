"""Trying a job in another process: this one stays small, and whatever happens there, it has an answer. No torch."""

from __future__ import annotations

import json

from tunesmith.errors import Place, Problem, problem_from
from tunesmith.estimate.prepared import Request
from tunesmith.estimate.run import ask
from tunesmith.python_process import module_command

COMMAND = module_command("tunesmith.trial")
DEADLINE_S = 180.0
"""Importing torch, a model of a few hundred megabytes and a step on a busy machine take some tens of seconds."""


def try_job(request: Request, *, deadline_s: float = DEADLINE_S) -> list[Problem]:
    """What keeps a run of the job from working, found by building everything and taking one small step.

    The project's own code is imported, by the process that this one starts. An empty list: it works.
    """
    ended = ask(COMMAND, request, deadline_s=deadline_s)
    return [timed_out(deadline_s)] if ended.late else problems_in(ended.out, ended.err, ended.status)


def problems_in(out: str, err: str, status: int) -> list[Problem]:
    """What the process found, or why it has no answer."""
    for line in out.splitlines():
        if line.startswith('{"problems"'):
            return [problem_from(fields) for fields in json.loads(line)["problems"]]
    lines = [line for line in err.splitlines() if line.strip()]
    last = lines[-1].strip() if lines else "it printed nothing"
    return [
        Problem(
            code="train.trial-ended",
            message=f"trying the job ended its process with status {status}",
            place=Place(key="model"),
            found=f"{last:.200}",
            hint="look for calls of exit() in the project's code, and for libraries that crash; `tunesmith doctor` "
            "looks at the machine",
        )
    ]


def timed_out(deadline_s: float) -> Problem:
    """The finding where no answer came in time."""
    return Problem(
        code="train.trial-too-long",
        message=f"building the model and one small step took longer than {deadline_s:g} s; whether the job works is "
        "not known",
        severity="warning",
        hint="if that is no surprise, start the run",
    )
