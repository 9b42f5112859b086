"""`tunesmith replay RUN --step N`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from tunesmith.files import finite
from tunesmith.runs.folder import find_run, runs_root

HELP = "Rebuild one step of a run exactly and stop there under a debugger, if there is one."


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of `tunesmith replay`."""
    parser.add_argument("run", metavar="RUN", help="an id, a unique beginning of one, or `last`")
    parser.add_argument("--step", type=int, required=True, help="the step to rebuild, from 1")
    parser.add_argument("--break", dest="stop", action="store_true", help="stop in Python's debugger before the step")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """0 where the loss equals the recorded one bit for bit, 1 where not."""
    from tunesmith.worker.replay import replay

    def stop_before(session: Any) -> None:
        if arguments.stop or sys.gettrace() is not None:
            # Here: session.loop.rows_of_next_step() are the rows; step into session.loop.step().
            breakpoint()

    folder = find_run(runs_root(Path.cwd()), arguments.run)
    replayed = replay(folder, arguments.step, stop_before=stop_before)
    if arguments.json:
        print(
            json.dumps(
                finite(
                    {
                        "step": replayed.step,
                        "loss": replayed.loss,
                        "recorded": replayed.recorded,
                        "exact": replayed.exact,
                        "from_step": replayed.from_step,
                        "rows": [{"file": str(place.file), "line": place.line} for place in replayed.rows],
                    }
                )
            )
        )
    else:
        print(f"step {replayed.step}, rebuilt from the checkpoint at step {replayed.from_step}")
        for place in replayed.rows:
            print(f"  {place}")
        print(f"loss     {replayed.loss!r}")
        print(f"recorded {replayed.recorded!r}: {'equal, bit for bit' if replayed.exact else 'NOT equal'}")
    return 0 if replayed.exact else 1
