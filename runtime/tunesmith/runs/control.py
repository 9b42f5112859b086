"""Control of a worker from outside: have it end, write a checkpoint or change a value; or kill it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping
from typing import Literal

from tunesmith.errors import Place, TunesmithError
from tunesmith.runs.folder import RunFolder
from tunesmith.runs.lock import hold
from tunesmith.runs.state import ACTIVE, RunState, read_launched

POLL_S = 0.1
LIVE_VALUES = ("learning_rate",)
"""What `set` may change: see `train/loop.py`."""


def request_end(run: RunFolder, command: Literal["stop", "pause"], *, wait: bool) -> RunState:
    """Ask the worker of `run` to end with a checkpoint; with `wait`, return when its process is gone.

    Raises TunesmithError run.not-active where no worker is at it.
    """
    state = run.state()
    launched = read_launched(run.launched_file)
    if state.status == "queued" and launched is None:  # nobody is at it: it can be taken from the queue right here
        with hold(run, brief=True):
            return run.set_state("stopped" if command == "stop" else "paused", message="before it began")
    if state.status not in ACTIVE and state.status != "queued":
        raise _not_active(run, state, command)
    run.request({"command": command})
    process = state.process if state.status in ACTIVE else launched
    while wait:
        state = run.state()
        if state.ended and (process is None or not process.is_here() or not process.is_alive()):
            break
        time.sleep(POLL_S)
    return state


def send_command(
    run: RunFolder, command: Literal["checkpoint", "set"], values: Mapping[str, float] | None = None
) -> None:
    """Ask the worker of `run` for a checkpoint, or to `set` live values (names of `LIVE_VALUES`).

    Raises TunesmithError run.not-active where no worker is at it, run.no-such-value, run.wrong-value.
    """
    state = run.state()
    if state.status not in ACTIVE:
        raise _not_active(run, state, command)
    for name, value in (values or {}).items():
        if name not in LIVE_VALUES:
            raise TunesmithError(
                "run.no-such-value",
                "no such value can be changed while a run trains",
                found=name,
                allowed=LIVE_VALUES,
            )
        if not 0 < value < float("inf"):
            raise TunesmithError("run.wrong-value", f"{name} must be a number above 0", found=str(value))
    run.request({"command": command, **(values or {})})


def kill(run: RunFolder) -> None:
    """Kill the worker of `run`. It stays resumable from its last checkpoint.

    Raises TunesmithError run.not-active where no worker is alive on this machine.
    """
    state = run.state()
    process = read_launched(run.launched_file) if state.status == "queued" else state.process
    if process is None or not process.is_here() or not process.is_alive():
        raise _not_active(run, state, "end")
    os.kill(process.pid, getattr(signal, "SIGKILL", signal.SIGTERM))


def _not_active(run: RunFolder, state: RunState, command: str) -> TunesmithError:
    return TunesmithError(
        "run.not-active",
        f"run {run.id} is {state.status}: there is no worker to {command}",
        place=Place(file=run.path),
        hint=f"tunesmith resume {run.id}" if state.status != "finished" else "",
    )
