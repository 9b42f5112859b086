"""`tunesmith runs`: all runs of the project, oldest first."""

from __future__ import annotations

import argparse

from tunesmith import shown
from tunesmith.cli.parts import run_choice
from tunesmith.runs.number_format import steps_of
from tunesmith.runs.state import RunState

HELP = "list the runs of this project"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    run_choice.add_project(parser)
    parser.add_argument("--limit", type=int, metavar="N", help="only the newest N")
    run_choice.add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print one line a run."""
    from tunesmith.runs.folder import all_runs, odd_entries

    root = run_choice.root_of(arguments)
    found = all_runs(root)
    found = found[-arguments.limit :] if arguments.limit else found
    states = [(item, item.state()) for item in found]
    if arguments.json:
        run_choice.print_json([run_choice.as_mapping(item, state) for item, state in states])
        return 0
    if not states:
        print(f"no runs in {root}; tunesmith run JOB starts one")
        return 0
    table = [("RUN", "STATE", "STEP", "BEST", "STARTED")]
    table += [
        (item.id, _status(state), steps_of(state), run_choice.best_of(state), run_choice.ago(state.created))
        for item, state in states
    ]
    print("\n".join(run_choice.aligned(table)))
    for name, why in odd_entries(root):
        run_choice.note(f"{shown.line(name)} is passed over: {why}")
    for item, state in states:
        if state.damage:
            run_choice.note(f"warning[run.damaged-state]: {item.id}: state.json is damaged: {state.damage}")
        if state.status == "lost":
            run_choice.note(f"{item.id} was cut off; tunesmith resume {item.id} goes on from its last checkpoint")
    return 0


def _status(state: RunState) -> str:
    """The status, and that a training which went to its end changed nothing: its model is as untrained as before."""
    return f"{state.status}, nothing learnt" if state.status == "finished" and state.nothing_learnt else state.status
