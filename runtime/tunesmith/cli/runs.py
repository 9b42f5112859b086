"""`tunesmith runs`: all runs of the project, oldest first."""

from __future__ import annotations

import argparse

from tunesmith import shown
from tunesmith.cli import _runs
from tunesmith.runs.number_format import steps_of
from tunesmith.runs.state import RunState

HELP = "list the runs of this project"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    _runs.add_project(parser)
    parser.add_argument("--limit", type=int, metavar="N", help="only the newest N")
    _runs.add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print one line a run."""
    from tunesmith.runs.folder import all_runs, odd_entries

    root = _runs.root_of(arguments)
    found = all_runs(root)
    found = found[-arguments.limit :] if arguments.limit else found
    states = [(item, item.state()) for item in found]
    if arguments.json:
        _runs.print_json([_runs.as_mapping(item, state) for item, state in states])
        return 0
    if not states:
        print(f"no runs in {root}; tunesmith run JOB starts one")
        return 0
    table = [("RUN", "STATE", "STEP", "BEST", "STARTED")]
    table += [
        (item.id, _status(state), steps_of(state), _runs.best_of(state), _runs.ago(state.created))
        for item, state in states
    ]
    print("\n".join(_runs.aligned(table)))
    for name, why in odd_entries(root):
        _runs.note(f"{shown.line(name)} is passed over: {why}")
    for item, state in states:
        if state.damage:
            _runs.note(f"warning[run.damaged-state]: {item.id}: state.json is damaged: {state.damage}")
        if state.status == "lost":
            _runs.note(f"{item.id} was cut off; tunesmith resume {item.id} goes on from its last checkpoint")
    return 0


def _status(state: RunState) -> str:
    """The status, and that a training which went to its end changed nothing: its model is as untrained as before."""
    return f"{state.status}, nothing learnt" if state.status == "finished" and state.nothing_learnt else state.status
