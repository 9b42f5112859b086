"""`tunesmith replay RUN --step N`."""

from __future__ import annotations

import argparse
import json

from tunesmith.cli.parts import run_choice
from tunesmith.files import finite

HELP = "rebuild one step of a run exactly; --break stops there in the debugger"


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of `tunesmith replay`."""
    run_choice.add_run(parser)
    parser.add_argument("--step", type=int, required=True, help="the step to rebuild, from 1")
    parser.add_argument(
        "--break", dest="stop", action="store_true", help="stop in the debugger before the step's update"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """0 where the loss equals the recorded one bit for bit, 1 where not."""
    from tunesmith.worker.debugger import is_debugged, need_debugger

    if arguments.stop:
        need_debugger()
    folder = run_choice.found_run(arguments)
    # torch, which takes a second and more to import, is needed from here on only.
    from tunesmith.worker.replay import replay

    replayed = replay(folder, arguments.step, stop=arguments.stop or is_debugged())
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
