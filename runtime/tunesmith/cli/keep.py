"""`tunesmith keep RUN STEP`: a checkpoint that stays, however many newer ones are written."""

from __future__ import annotations

import argparse

from tunesmith.cli.parts import run_choice

HELP = "keep a checkpoint of a run: newer ones do not push it out"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    run_choice.add_run(parser)
    parser.add_argument(
        "step", metavar="STEP", help="which checkpoint: its step, such as 400 or step-400; or best, or newest"
    )
    parser.add_argument("--undo", action="store_true", help="let it go again, as the job's checkpoints.keep says")
    run_choice.add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Set or take away the mark; a worker that trains heeds it with its next checkpoint."""
    from tunesmith.runs import kept
    from tunesmith.runs.comparison import settings_of

    found = run_choice.found_run(arguments)
    step = kept.step_named(found, arguments.step)
    (kept.release if arguments.undo else kept.keep)(found, step)
    why = kept.reasons(found, settings=settings_of(found), best=found.state().best).get(step, ())
    if arguments.json:
        run_choice.print_json({"id": found.id, "checkpoint": f"step-{step}", "step": step, "kept": list(why)})
    elif not arguments.undo:
        print(f"step-{step} of {found.id} is kept; tunesmith keep {found.id} {step} --undo lets it go")
    elif why:
        print(f"you no longer keep step-{step} of {found.id}; for now it stays as {run_choice.kept_as(why)}")
    else:
        print(f"you no longer keep step-{step} of {found.id}; it goes when the run writes its next checkpoint")
    return 0
