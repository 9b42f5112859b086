"""`tunesmith stop RUN`: the worker writes a checkpoint and ends."""

from __future__ import annotations

import argparse

from tunesmith.cli.parts import run_choice
from tunesmith.runs.number_format import steps_of

HELP = "ask a run to stop, with a checkpoint first"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    run_choice.add_run(parser)
    parser.add_argument("--no-wait", action="store_true", help="return at once, not when the worker has ended")
    run_choice.add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Leave the request and wait for the end."""
    from tunesmith.runs.control import request_end

    found = run_choice.found_run(arguments)
    state = request_end(found, "stop", wait=not arguments.no_wait)
    if arguments.json:
        run_choice.print_json(run_choice.as_mapping(found, state))
    elif arguments.no_wait and not state.ended:
        print(f"asked {found.id} to stop")
    else:
        print(f"{found.id} is {state.status} at step {steps_of(state)}; tunesmith resume {found.id} goes on")
    return 0
