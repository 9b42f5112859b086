"""`tunesmith resume RUN`: go on where a run was stopped, paused, failed or lost."""

from __future__ import annotations

import argparse

from tunesmith.cli.parts import debugging, run_choice
from tunesmith.runs.lines import Watcher

HELP = "let a stopped, paused, failed or lost run go on from its newest good checkpoint"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    run_choice.add_run(parser)
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--detach", action="store_true", help="start it and return at once")
    where.add_argument("--in-process", action="store_true", help="train in this very process, for a debugger")
    debugging.add_break_on(parser)
    run_choice.add_json(parser, "print events and progress as JSON lines")


def run(arguments: argparse.Namespace) -> int:
    """Launch a worker on the same folder and watch it."""
    from tunesmith.cli.parts import live_progress
    from tunesmith.runs.launch import check_resumable, resume

    breaks = debugging.breaks_of(arguments)
    found = run_choice.found_run(arguments)
    if arguments.in_process:
        check_resumable(found)
        return debugging.train_here(found, breaks, as_json=arguments.json)
    watcher = Watcher(found)
    worker = resume(found)
    if arguments.detach:
        print(found.id)
        return 0
    if not arguments.json:
        print(f"run {found.id}", flush=True)
    state = live_progress.watch(found, watcher, live_progress.display_for(as_json=arguments.json), worker)
    live_progress.print_end(found, state, as_json=arguments.json)
    return live_progress.exit_status(state)
