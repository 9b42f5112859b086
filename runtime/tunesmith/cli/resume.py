"""`tunesmith resume RUN`: go on where a run was stopped, paused, failed or lost."""

from __future__ import annotations

import argparse

from tunesmith.cli import _runs

HELP = "let a stopped, paused, failed or lost run go on from its newest good checkpoint"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    _runs.add_run(parser)
    parser.add_argument("--detach", action="store_true", help="start it and return at once")
    _runs.add_json(parser, "print events and progress as JSON lines")


def run(arguments: argparse.Namespace) -> int:
    """Launch a worker on the same folder and watch it."""
    from tunesmith.cli import _progress
    from tunesmith.runs.launch import resume

    found = _runs.found_run(arguments)
    watcher = _progress.Watcher(found)
    worker = resume(found)
    if arguments.detach:
        print(found.id)
        return 0
    if not arguments.json:
        print(f"run {found.id}", flush=True)
    state = _progress.watch(found, watcher, _progress.display_for(as_json=arguments.json), worker)
    _progress.print_end(found, state, as_json=arguments.json)
    return _progress.exit_status(state)
