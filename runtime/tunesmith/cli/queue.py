"""`tunesmith queue`: which runs wait for the device, and in which order."""

from __future__ import annotations

import argparse

from tunesmith.cli.parts import run_choice

HELP = "list the runs that wait for the device; change their order"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--move", nargs=2, metavar=("RUN", "PLACE"), help="give a waiting run another place, from 1")
    parser.add_argument("--cancel", metavar="RUN", help="take a waiting run out; its folder stays, as stopped")
    parser.add_argument("--add", metavar="RUN", help="let a stopped, paused, failed or lost run wait to be resumed")
    parser.add_argument("--parallel", type=int, metavar="N", help="from now on let N runs train at a time (default: 1)")
    run_choice.add_project(parser)
    run_choice.add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Change what was asked for, launch what has room now, and print the queue."""
    from tunesmith.errors import TunesmithError
    from tunesmith.runs.folder import find_run
    from tunesmith.runs.queue import RunQueue

    root = run_choice.root_of(arguments)
    queue = RunQueue(root)
    if (problem := queue.read().problem) is not None:
        run_choice.note(str(problem))
    if arguments.parallel is not None:
        queue.set_parallel(arguments.parallel)
    if arguments.add:
        queue.add(find_run(root, arguments.add))
    if arguments.cancel:
        queue.cancel(find_run(root, arguments.cancel).id)
    if arguments.move:
        reference, place = arguments.move
        if not place.isdecimal() or int(place) < 1:
            raise TunesmithError("run.bad-place", "a place in the queue is a whole number from 1", found=place)
        queue.move(find_run(root, reference).id, int(place))
    queue.launch_next()
    found, running = queue.read(), queue.occupying()
    if arguments.json:
        run_choice.print_json(
            {"parallel": found.parallel, "running": [run.id for run in running], "waiting": found.ids}
        )
        return 0
    for item in running:
        print(f"running  {item.id}")
    for place, run_id in enumerate(found.ids, start=1):
        print(f"{place:7}  {run_id}")
    if not running and not found.ids:
        print("no run waits; tunesmith run JOB --queue adds one")
    return 0
