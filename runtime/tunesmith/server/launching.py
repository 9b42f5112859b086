"""Letting a run's worker begin: now, in its turn, or by the client."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tunesmith.runs.folder import RunFolder
from tunesmith.runs.launch import ENVIRONMENT, ENVIRONMENT_OF_LOG, WORKER, resume
from tunesmith.runs.queue import RunQueue


@dataclass(frozen=True, slots=True, kw_only=True)
class Launched:
    """`position` where it waits; `command`, `environment` and `folder` where the client is to start it."""

    position: int | None = None
    command: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: str | None = None


def launch(run: RunFolder, queue: RunQueue, mode: str, environment: Mapping[str, str]) -> Launched:
    """Begin or resume `run`; `mode` is queue, now or prepare.

    Raises run.held where somebody is at it, run.finished where nothing is left to do.
    """
    if mode == "now":
        resume(run, environment=environment)
        return Launched()
    if mode == "prepare":
        whole = {**ENVIRONMENT, **ENVIRONMENT_OF_LOG, **environment, "PYTHONHASHSEED": "0"}
        return Launched(command=(*WORKER, str(run.path)), environment=whole, folder=str(run.path.parent))
    queue.add(run, environment=environment)
    queue.launch_next()
    waiting = queue.read().ids
    return Launched(position=waiting.index(run.id) + 1 if run.id in waiting else None)
