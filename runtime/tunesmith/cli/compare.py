"""`tunesmith compare RUN RUN`: in what runs differ, settings and figures, and nothing else."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tunesmith import shown
from tunesmith.cli.parts import run_choice
from tunesmith.runs.damage import problems_of
from tunesmith.runs.number_format import figure, setting

HELP = "show the settings and figures in which runs differ"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("runs", metavar="RUN", nargs="+", help=f"two or more, each {run_choice.REFERENCE}")
    run_choice.add_project(parser)
    run_choice.add_json(parser)
    parser.set_defaults(usage=parser.error)


def run(arguments: argparse.Namespace) -> int:
    """Print what differs."""
    from tunesmith.runs.comparison import differences, outcome_of, settings_of
    from tunesmith.runs.folder import find_run

    if len(arguments.runs) < 2:
        arguments.usage("give two runs or more")
    root = run_choice.root_of(arguments)
    found = [find_run(root, reference) for reference in arguments.runs]
    for item in found:
        for problem in problems_of(item):
            if problem.severity != "info":
                run_choice.note(f"{item.id}: {problem}")
    settings = differences([settings_of(item) for item in found])
    names, outcomes = [item.id for item in found], [outcome_of(item) for item in found]
    steps = [item.state().step for item in found]
    figures = differences([{**each.figures, "steps": step} for each, step in zip(outcomes, steps, strict=True)])
    warnings = list(zip(names, (each.warnings for each in outcomes), strict=True))
    if arguments.json:
        run_choice.print_json({"runs": names, "settings": settings, "metrics": figures, "warnings": dict(warnings)})
        return 0
    doubts = [f"warning: {name}: {shown.line(text)}" for name, texts in warnings for text in texts]
    lines = [*_table("settings", names, settings, setting), "", *_table("metrics", names, figures, figure), *doubts]
    print("\n".join(lines))
    return 0


def _table(
    title: str, names: Sequence[str], rows: Mapping[str, Sequence[Any]], words: Callable[[Any], str]
) -> list[str]:
    if not rows:
        return [f"{title}: all the same"]
    lines = [(title, *names)]
    lines += [(key, *("-" if value is None else words(value) for value in values)) for key, values in rows.items()]
    return run_choice.aligned(lines)
