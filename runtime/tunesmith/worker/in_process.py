"""A run's training in this very process, for a debugger: no worker beside it, no thread of ours, nothing compiled.

The run's folder and its numbers are those of a detached worker, bit for bit.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from tunesmith.runs.folder import RunFolder
from tunesmith.runs.lines import Lines, Watcher
from tunesmith.worker.conditions import Condition
from tunesmith.worker.train_run import train_run

log = logging.getLogger("tunesmith.worker")
FORMAT = logging.Formatter("%(asctime)s %(levelname)s %(message)s", datefmt="%H:%M:%S")


def train_here(run: RunFolder, stop_at: Sequence[Condition], *, shown: Callable[[], None]) -> int:
    """Train `run` here to its end, a command or an error; stop in the debugger where one of `stop_at` holds.

    Returns the exit status; raises what only we can mend.
    """
    run.commands().discard()
    with _logged(run) as say:
        watcher, lines = Watcher(run), Lines(say)

        def show() -> None:
            lines.show(watcher.look())
            shown()

        log.info("training in this process, to be debugged")
        if sys.flags.hash_randomization:
            log.warning(
                "PYTHONHASHSEED is not 0: where code goes through a set of texts, numbers differ from a worker's"
            )
        try:
            return train_run(run, stop_at, shown=show)
        finally:
            lines.show(watcher.look())


@contextmanager
def _logged(run: RunFolder) -> Iterator[Callable[[str], None]]:
    """What we report goes to the run's log, as a worker's does, and to standard error too.

    Yields what writes a line to the run's log alone: `shown` prints what happens to the run on the console.
    """
    root = logging.getLogger()
    before = root.level
    file = logging.FileHandler(run.log_file, encoding="utf-8")
    handlers: list[logging.Handler] = [file, logging.StreamHandler(sys.stderr)]
    for handler in handlers:
        handler.setFormatter(FORMAT)
        root.addHandler(handler)
    root.setLevel(logging.INFO)
    logging.captureWarnings(capture=True)

    def say(text: str) -> None:
        file.handle(log.makeRecord(log.name, logging.INFO, __file__, 0, text, (), None))

    try:
        yield say
    finally:
        logging.captureWarnings(capture=False)
        root.setLevel(before)
        for handler in handlers:
            root.removeHandler(handler)
            handler.close()
