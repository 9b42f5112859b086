"""What `run` and `resume` share for a training that a debugger follows."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from tunesmith.cli.parts.streams import own_streams, safe_streams
from tunesmith.errors import TunesmithError
from tunesmith.worker.conditions import FORMS, Condition, conditions

if TYPE_CHECKING:
    from tunesmith.runs.folder import RunFolder


def add_break_on(parser: argparse.ArgumentParser) -> None:
    """Add `--break-on`."""
    parser.add_argument(
        "--break-on",
        dest="breaks",
        metavar="WHEN",
        action="append",
        default=[],
        help=f"with --in-process: call breakpoint() in a step before its update; {', '.join(FORMS)} (may be given "
        "several times). spike=N: the loss lies N (10) median absolute deviations above the median of the last 50",
    )


def breaks_of(arguments: argparse.Namespace) -> tuple[Condition, ...]:
    """Where to stop. Raises TunesmithError run.bad-break, run.break-elsewhere or run.no-debugger."""
    found = conditions(arguments.breaks)
    if found and not arguments.in_process:
        raise TunesmithError(
            "run.break-elsewhere",
            "no debugger follows a worker in a process of its own",
            found="--break-on",
            hint="add --in-process",
        )
    if found:
        from tunesmith.worker.debugger import need_debugger

        need_debugger()
    return found


def train_here(run: RunFolder, breaks: tuple[Condition, ...], *, as_json: bool) -> int:
    """Train `run` in this process and show how it goes; plain lines, for a debugger may want the terminal."""
    from tunesmith.cli.parts import live_progress
    from tunesmith.runs.lines import Watcher
    from tunesmith.worker.in_process import train_here

    watcher = Watcher(run)
    display: live_progress.Display = live_progress.JsonLines() if as_json else live_progress.PlainLines()
    if not as_json:
        print(f"run {run.id}", flush=True)

    def show() -> None:
        with safe_streams():
            display.show(watcher.look())

    with own_streams():
        train_here(run, breaks, shown=show)
    view = watcher.look()
    display.show(view)
    live_progress.print_end(run, view.state, as_json=as_json)
    return live_progress.exit_status(view.state)
