"""Asking a worker to end, and waiting until it has."""

from __future__ import annotations

import time
from typing import Literal

from tunesmith.errors import Place, TunesmithError
from tunesmith.runs.folder import RunFolder
from tunesmith.runs.lock import hold
from tunesmith.runs.state import ACTIVE, RunState, read_launched

POLL_S = 0.1


def ask_to_end(run: RunFolder, command: Literal["stop", "pause"], *, wait: bool) -> RunState:
    """Ask the worker of `run` to end with a checkpoint; with `wait`, return when its process is gone.

    Raises TunesmithError run.not-active where no worker is at it.
    """
    state = run.state()
    launched = read_launched(run.path / "launched.json")
    if state.status == "queued" and launched is None:  # nobody is at it: it can be taken from the queue right here
        with hold(run, brief=True):
            return run.set_state("stopped" if command == "stop" else "paused", message="before it began")
    if state.status not in ACTIVE and state.status != "queued":
        raise TunesmithError(
            "run.not-active",
            f"run {run.id} is {state.status}: there is no worker to {command}",
            place=Place(file=run.path),
            hint=f"tunesmith resume {run.id}" if state.status != "finished" else "",
        )
    run.request({"command": command})
    process = state.process if state.status in ACTIVE else launched
    while wait:
        state = run.state()
        if state.ended and (process is None or not process.is_here() or not process.is_alive()):
            break
        time.sleep(POLL_S)
    return state
