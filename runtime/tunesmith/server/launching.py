"""Letting a run's worker begin: now, in its turn, or by the client."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from tunesmith.runs.folder import RunFolder
from tunesmith.runs.launch import ENVIRONMENT, ENVIRONMENT_OF_LOG, WORKER, resume
from tunesmith.runs.queue import UNTRUSTED, RunQueue
from tunesmith.runs.state import RunState

LEAVING_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Launched:
    """`position` where it waits; `command`, `environment` and `folder` where the client is to start it."""

    position: int | None = None
    command: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: str | None = None


def launch(run: RunFolder, queue: RunQueue, mode: str, environment: Mapping[str, str], *, trusted: bool) -> Launched:
    """Begin or resume `run`; `mode` is queue, now or prepare. Not `trusted`: what else waits may have come with the
    workspace and does not begin.

    Raises run.held where somebody is at it, run.finished where nothing is left to do.
    """
    state = run.state()
    if state.status == "finished" or not _is_left(state):
        mode = "now"  # which raises what there is to say
    own = {**environment, **({} if trusted else UNTRUSTED)}
    if mode == "now":
        resume(run, environment=own)
        return Launched()
    if mode == "prepare":
        whole = {**ENVIRONMENT, **ENVIRONMENT_OF_LOG, **own, "PYTHONHASHSEED": "0"}
        return Launched(command=(*WORKER, str(run.path)), environment=whole, folder=str(run.path.parent))
    queue.add(run, environment=environment)
    queue.launch_next(only_own=not trusted)
    waiting = queue.read().ids
    return Launched(position=waiting.index(run.id) + 1 if run.id in waiting else None)


def _is_left(state: RunState) -> bool:
    """Whether the run's last worker is gone; one that has just said its last word needs a moment."""
    process = state.process
    if not state.ended or process is None or not process.is_here():
        return True
    deadline = time.monotonic() + LEAVING_S
    while process.is_alive():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
