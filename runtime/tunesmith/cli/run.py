"""`tunesmith run JOB`: train, and show how it goes."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from tunesmith.cli.parts import debugging
from tunesmith.files import real_path
from tunesmith.runs.lines import Watcher

if TYPE_CHECKING:
    from tunesmith.errors import Problem
    from tunesmith.runs.folder import RunFolder

HELP = "train: start a run of a job and show its progress"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("job", metavar="JOB", type=Path, help="the job file, NAME.job.yaml")
    parser.add_argument(
        "--set",
        dest="overrides",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="another value for a key of the job, such as training.epochs=5 (may be given several times)",
    )
    parser.add_argument("--name", metavar="N", help="a name for the run (default: the job's)")
    parser.add_argument(
        "--from", dest="begin", metavar="RUN[:STEP]", help="begin at a checkpoint of another run (default: its newest)"
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--detach", action="store_true", help="start it and return at once")
    where.add_argument("--queue", action="store_true", help="start it when the device is free, and return at once")
    where.add_argument("--in-process", action="store_true", help="train in this very process, for a debugger")
    debugging.add_break_on(parser)
    parser.add_argument("--project", type=Path, metavar="DIR", help="the folder whose .tunesmith/runs gets the run")
    parser.add_argument("--json", action="store_true", help="print events and progress as JSON lines")


def run(arguments: argparse.Namespace) -> int:
    """Start the worker first and load the display afterwards, while the worker loads what it needs."""
    from tunesmith.runs.launch import launch

    breaks = debugging.breaks_of(arguments)
    started, warnings = _prepared(arguments, _root(arguments))
    from tunesmith.cli.parts import live_progress
    from tunesmith.cli.parts.run_choice import note

    if arguments.queue or arguments.in_process:
        for warning in warnings:
            note(str(warning))
    if arguments.queue:
        return _enqueue(started, as_json=arguments.json)
    if arguments.in_process:
        return debugging.train_here(started, breaks, as_json=arguments.json)
    watcher = Watcher(started)
    worker = launch(started)
    for warning in warnings:
        note(str(warning))
    if arguments.detach:
        print(json.dumps({"id": started.id, "path": str(started.path)}) if arguments.json else started.id)
        if not arguments.json:
            note(f"tunesmith log {started.id} --follow shows how it goes, tunesmith stop {started.id} stops it")
        return 0
    if not arguments.json:
        print(f"run {started.id}", flush=True)
    state = live_progress.watch(started, watcher, live_progress.display_for(as_json=arguments.json), worker)
    live_progress.print_end(started, state, as_json=arguments.json)
    return live_progress.exit_status(state)


def _prepared(arguments: argparse.Namespace, root: Path) -> tuple[RunFolder, tuple[Problem, ...]]:
    """The queued run, and the warnings about its job."""
    from tunesmith.runs.launch import prepare

    if not arguments.begin:
        return prepare(arguments.job, overrides=arguments.overrides, name=arguments.name, root=root)
    from tunesmith.runs.folder import find_run
    from tunesmith.runs.starting import Begin, new_run

    source, _, step = arguments.begin.rpartition(":")
    if not (source and step.isdecimal()):
        source, step = arguments.begin, ""
    return new_run(
        arguments.job,
        overrides=arguments.overrides,
        name=arguments.name,
        root=root,
        tags=(),
        begin=Begin(run=find_run(root, source), step=int(step) if step else None),
        trusted=True,
    )


def _enqueue(started: RunFolder, *, as_json: bool) -> int:
    from tunesmith.cli.parts.run_choice import note
    from tunesmith.runs.queue import RunQueue

    queue = RunQueue(started.path.parent)
    queue.add(started)
    queue.launch_next()
    waiting = queue.read().ids
    position = waiting.index(started.id) + 1 if started.id in waiting else None
    print(json.dumps({"id": started.id, "path": str(started.path), "position": position}) if as_json else started.id)
    if not as_json:
        note("it is running" if position is None else f"it waits, number {position} of the queue; see tunesmith queue")
    return 0


def _root(arguments: argparse.Namespace) -> Path:
    """The nearest folder with runs, from the job's upwards; else the current one if the job is in it, or the job's."""
    from tunesmith.cli.parts.run_choice import project_folder
    from tunesmith.runs.folder import runs_root

    if arguments.project:
        return runs_root(arguments.project)
    folder = real_path(arguments.job).parent
    found = project_folder(folder)
    if not runs_root(found).is_dir() and folder.is_relative_to(Path.cwd()):
        found = Path.cwd()
    return runs_root(found)
