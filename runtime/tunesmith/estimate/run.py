"""Estimates from another process: this one stays small, and whatever happens there, it has an answer."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, NamedTuple

from tunesmith.errors import InvalidJob, TunesmithError, problem_from
from tunesmith.estimate.figures import Estimate, estimate_from
from tunesmith.estimate.prepared import Request
from tunesmith.files import real_path
from tunesmith.python_process import OWN_FOLDER, module_command

COMMAND = module_command("tunesmith.estimate")
"""The process that estimates. It reads a request as JSON (`encoded`) and prints a line of JSON for each answer."""
DEADLINE_S = 900.0
"""For a step of a large model on a small machine. To wait less, end the process."""


def estimate(
    request: Request, *, tell: Callable[[Estimate], None] = lambda result: None, deadline_s: float = DEADLINE_S
) -> Estimate:
    """What a run of the job will take. `tell` is called with what is known before steps are measured.

    Free of torch: that is imported by the process that this one starts. Raises InvalidJob and the like for a job that
    cannot run, TunesmithError estimate.failed where the process ended without an answer.
    """
    result: Estimate | None = None
    ended = ask(COMMAND, request, deadline_s=deadline_s)
    for line in ended.out.splitlines():
        result = decoded(line)
        tell(result)
    if ended.status == 0 and result is not None:
        return result
    late = f"\nno answer within {deadline_s:g} s" if ended.late else ""
    return unfinished(result, ended.status, ended.err + late)


class Ended(NamedTuple):
    """How a process ended: its exit status, what it printed, and whether it was ended because it took too long."""

    status: int
    out: str
    err: str
    late: bool


def ask(command: Sequence[str], request: Request, *, deadline_s: float) -> Ended:
    """Give the request to a process of ours and wait for its end, for `deadline_s` at most."""
    asked, late = encoded(replace(request, file=real_path(request.file))), False
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    # The project's code prints what it likes, in any encoding.
    with subprocess.Popen(command, **pipes, text=True, encoding="utf-8", errors="replace", cwd=OWN_FOLDER) as process:
        try:
            out, err = process.communicate(asked, timeout=deadline_s)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            late = True
        except BaseException:
            process.kill()
            raise
    return Ended(process.returncode, out, err, late)


def encoded(request: Request) -> str:
    """The request as one line of JSON."""
    return json.dumps({**asdict(request), "file": str(request.file)}) + "\n"


def request_from(line: str) -> Request:
    """The inverse of `encoded`."""
    found: dict[str, Any] = json.loads(line)
    return Request(**{**found, "file": Path(found["file"]), "overrides": tuple(found["overrides"])})


def decoded(line: str) -> Estimate:
    """One line of the process. Raises the error that it reports."""
    found: dict[str, Any] = json.loads(line)
    if "problems" in found and "device" not in found:
        raise InvalidJob([problem_from(problem) for problem in found["problems"]])
    return estimate_from(found)


def unfinished(result: Estimate | None, status: int, stderr: str) -> Estimate:
    """What stands where the process ended before its last answer. Raises TunesmithError estimate.failed if nothing."""
    lines = [line for line in stderr.splitlines() if line.strip()]
    last = lines[-1] if lines else f"its exit status was {status}"
    if result is None:
        raise TunesmithError("estimate.failed", f"the job could not be estimated: {last}")
    if status == -9:
        last = "the system ended the process; most likely there was not enough memory for a step"
    return replace(result, notes=(*result.notes, f"no step could be measured: {last}"))
