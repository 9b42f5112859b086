"""The door of the process that trains one run: `python -m tunesmith.worker RUN_FOLDER`.

It reads nothing but the run's frozen job and the data that it names, and writes nothing but the run's folder and the
project's feature cache. Started again on the same folder, it goes on from the newest good checkpoint.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from pathlib import Path

from tunesmith.errors import TunesmithError
from tunesmith.runs.folder import RunFolder
from tunesmith.runs.lines import Lines, Watcher
from tunesmith.worker.train_run import lacking_of, train_run

log = logging.getLogger("tunesmith.worker")


def _hand_on(run: RunFolder) -> None:
    """Let the next run of the queue have the device: over night there may be no server to do it."""
    if not (run.path.parent.parent / "queue.json").exists():
        return
    from tunesmith.runs.queue import UNTRUSTED, RunQueue

    if UNTRUSTED.items() <= os.environ.items():
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
    watcher, lines = Watcher(run), Lines(log.info)
    try:
        status = train_run(run, shown=lambda: lines.show(watcher.look()))
        lines.show(watcher.look())
    except (TunesmithError, OSError) as error:
        lacking = error if isinstance(error, TunesmithError) else lacking_of(run, error)
        if lacking is None:
            raise
        log.error("%s", lacking)
        return 1
    _hand_on(run)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
