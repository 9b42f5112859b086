"""The door of the process that trains one run: `python -m tunesmith.worker RUN_FOLDER`.

It reads nothing but the run's frozen job and the data that it names, and writes nothing but the run's folder and the
project's feature cache. Started again on the same folder, it goes on from the newest good checkpoint.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
import traceback
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import Any

from tunesmith.errors import TunesmithError
from tunesmith.runs.folder import RunFolder
from tunesmith.runs.lock import hold

log = logging.getLogger("tunesmith.worker")


class Requests:
    """Commands from the run's folder and from signals, in one queue."""

    def __init__(self, run: RunFolder) -> None:
        self._folder = run.commands()
        self._signalled: list[Mapping[str, Any]] = []

    def listen(self) -> None:
        """Take SIGTERM and SIGINT as a request to stop with a checkpoint."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)

    def take(self) -> list[Mapping[str, Any]]:
        signalled, self._signalled = self._signalled, []
        return [*signalled, *self._folder.take()]

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._signalled.append({"command": "stop", "from": signal.Signals(number).name})


def work(run: RunFolder) -> int:
    """Train `run` to its end, a command or an error. Returns the exit status."""
    with hold(run):
        run.set_state("preparing", message="loading", error=None)
        requests = Requests(run)
        requests.listen()
        try:
            # torch, which takes a second and more to import, is needed from here on only.
            from tunesmith.worker.session import train

            train(run, requests)
        except TunesmithError as error:
            _failed(run, str(error), error.code)
            return 1
        except Exception as error:  # noqa: BLE001 - a door: whatever it is, the run says so and the log has it whole
            traceback.print_exc()
            _failed(run, f"{type(error).__name__}: {error} (the whole traceback is in {run.log_file})", "internal")
            return 1
    return 0


def _failed(run: RunFolder, message: str, code: str) -> None:
    log.error("%s", message)
    if code == "run.disk-full":
        run.set_state("paused", message=message, error=code)
    else:
        run.set_state("failed", message=message, error=code)


def _hand_on(run: RunFolder) -> None:
    """Let the next run of the queue have the device: over night there may be no server to do it."""
    if not (run.path.parent.parent / "queue.json").exists():
        return
    from tunesmith.runs.queue import HANDS_NOTHING_ON, RunQueue

    if HANDS_NOTHING_ON.items() <= os.environ.items():
        return

    try:
        for launched in RunQueue(run.path.parent).launch_next(leaving=run.id):
            log.info("launched %s, the next of the queue", launched.id)
    except (OSError, TunesmithError) as error:
        log.error("the next run of the queue was not launched: %s", error)


def main(arguments: list[str]) -> int:
    """The door: one argument, the run's folder."""
    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s", datefmt="%H:%M:%S"
    )
    logging.captureWarnings(capture=True)
    logging.getLogger("tunesmith").info("worker began at %s", time.strftime("%Y-%m-%d %H:%M:%S"))
    run = RunFolder(Path(arguments[0]).resolve())
    try:
        status = work(run)
    except TunesmithError as error:
        log.error("%s", error)
        return 1
    _hand_on(run)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
