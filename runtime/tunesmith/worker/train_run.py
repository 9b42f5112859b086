"""Train a run, in whichever process: take its lock, listen for commands, train, record the outcome in its state."""

from __future__ import annotations

import logging
import signal
from bdb import BdbQuit
from collections.abc import Callable, Mapping, Sequence
from types import FrameType
from typing import Any

from tunesmith.errors import Place, TunesmithError, is_failure
from tunesmith.runs.folder import RunFolder
from tunesmith.runs.lock import hold
from tunesmith.shortages import PAUSING, shortage
from tunesmith.worker.conditions import Condition
from tunesmith.worker.kernels import keep_few

log = logging.getLogger("tunesmith.worker")


class CommandQueue:
    """Commands from the run's folder and from signals, in one queue."""

    def __init__(self, run: RunFolder) -> None:
        self._folder = run.commands()
        self._signalled: list[Mapping[str, Any]] = []

    def listen(self) -> None:
        """Take SIGTERM and SIGINT as a command to stop with a checkpoint."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)

    def take(self) -> list[Mapping[str, Any]]:
        signalled, self._signalled = self._signalled, []
        return [*signalled, *self._folder.take()]

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._signalled.append({"command": "stop", "from": signal.Signals(number).name})


def train_run(
    run: RunFolder, stop_at: Sequence[Condition] | None = None, *, shown: Callable[[], None] = lambda: None
) -> int:
    """Train `run` to its end, a command or an error. Returns the exit status.

    `shown` is called whenever the run's state was written. With `stop_at` a debugger follows: it stops where one of
    these conditions holds, and what is no TunesmithError is raised once it is recorded, so that it shows where it was.
    """
    with hold(run):
        state = run.set_state("preparing", message="loading", error=None)
        commands = CommandQueue(run)
        commands.listen()
        try:
            keep_few(state.extra.get("task"))
            # torch, which takes a second and more to import, is needed from here on only.
            from tunesmith.worker.stopping import Stopper
            from tunesmith.worker.training import train

            stopper = None if stop_at is None else Stopper(stop_at)
            train(run, commands, stopper=stopper, shown=shown)
        except TunesmithError as error:
            lacking = shortage(error) if error.code not in PAUSING else None
            if lacking is None or lacking.code == "run.cannot-write":  # then the error itself is the better message
                lacking = error
            _failed(run, str(lacking), lacking.code)
            return 1
        except BdbQuit:
            run.set_state("stopped", message="ended in the debugger")
            return 1
        except BaseException as error:  # a door: whatever it is, the state records it and the log has it whole
            if not is_failure(error):
                raise
            if (lacking := lacking_of(run, error)) is not None:
                log.debug("the training ended here", exc_info=error)
                _failed(run, str(lacking), lacking.code)
                return 1
            log.exception("the training failed")
            _failed(run, f"{type(error).__name__}: {error} (the whole traceback is in {run.log_file})", "internal")
            if stop_at is not None:
                raise
            return 1
    return 0


def lacking_of(run: RunFolder, error: BaseException) -> TunesmithError | None:
    """The named error where the machine, or a folder that is gone, ended the training; None where it was neither."""
    if isinstance(error, OSError) and not run.path.is_dir():
        return TunesmithError(
            "run.folder-gone",
            "the run's folder is not there any more, so the training has ended",
            place=Place(file=run.path),
            hint="where it was moved, `tunesmith resume` goes on from its last checkpoint",
        )
    return shortage(error)


def _failed(run: RunFolder, message: str, code: str) -> None:
    log.error("%s", message)
    try:
        run.set_state("paused" if code in PAUSING else "failed", message=message, error=code)
    except OSError as error:
        log.error("that could not be written to the run's state: %s", error)
