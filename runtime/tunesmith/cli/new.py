"""`tunesmith new`: a project from a template, for the template's real data or for your own."""

from __future__ import annotations

import argparse
from pathlib import Path

from tunesmith import shown
from tunesmith.templates import templates

HELP = "make a project from a template"


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of this command."""
    parser.add_argument("folder", metavar="DIR", type=Path, help="the new project's folder")
    tasks = ", ".join(templates())
    parser.add_argument(
        "--task",
        default=None,
        metavar="TASK",
        help=f"what the model is to learn: {tasks} (left out: a label for each text)",
    )
    parser.add_argument("--data", type=Path, metavar="FILE", help="your own data: a table, or a folder of images")
    parser.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="ROLE=NAME",
        help="which column plays a role, where its name does not say so (text=message, label=category)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Make the project and say what to type next."""
    from tunesmith.catalog import Catalog
    from tunesmith.errors import TunesmithError
    from tunesmith.templates.choose import fitting_task
    from tunesmith.templates.make import make_project

    columns: dict[str, list[str]] = {}
    for given in arguments.column:
        role, equals, name = given.partition("=")
        if not equals:
            raise TunesmithError("new.column", "a column is named as ROLE=NAME", found=given)
        columns.setdefault(role, []).append(name)
    catalog = Catalog()
    task = arguments.task or fitting_task(catalog, {}, "")
    made = make_project(arguments.folder, task, catalog, data=arguments.data, columns=columns)
    print(f"Made {shown.line(made.folder)} with the job {shown.line(made.job.name)}")
    for note in made.notes:
        print(f"  {shown.line(note)}")
    print(
        f"\nNext:\n  cd {shown.line(made.folder)}\n  tunesmith check {made.job.name}\n  tunesmith run {made.job.name}"
    )
    return 0
