"""What the commands on runs share: which project, which run, and how figures are written."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from tunesmith import shown
from tunesmith.runs.folder import RunFolder, find_run, runs_root
from tunesmith.runs.number_format import duration, figure
from tunesmith.runs.state import RunState, is_moment

KEPT_AS = {"newest": "one of the newest", "best": "the best", "user": "yours"}
REFERENCE = "a run: its id, a unique beginning of it, its name, `last`, or the path of its folder"


def project_folder(start: Path | None = None) -> Path:
    """The nearest folder from `start` (the current one) upwards that holds runs; where there is none, `start`."""
    begin = (start or Path.cwd()).resolve()
    for folder in (begin, *begin.parents):
        if runs_root(folder).is_dir():
            return folder
        if folder == Path.home():
            break
    return begin


def add_project(parser: argparse.ArgumentParser) -> None:
    """Add `--project`."""
    parser.add_argument(
        "--project", type=Path, metavar="DIR", help="the project's folder (default: the nearest one upwards with runs)"
    )


def add_run(parser: argparse.ArgumentParser) -> None:
    """Add the argument `RUN` and `--project`."""
    parser.add_argument("run", metavar="RUN", help=REFERENCE)
    add_project(parser)


def add_json(parser: argparse.ArgumentParser, what: str = "print JSON for programs") -> None:
    """Add `--json`."""
    parser.add_argument("--json", action="store_true", help=what)


def root_of(arguments: argparse.Namespace) -> Path:
    """The folder of runs that the arguments mean."""
    return runs_root(arguments.project or project_folder())


def found_run(arguments: argparse.Namespace) -> RunFolder:
    """The run that the arguments name."""
    return find_run(root_of(arguments), arguments.run)


def print_json(value: Any) -> None:
    """Print one value as JSON, with NaN and infinities as text."""
    from tunesmith.files import finite

    print(json.dumps(finite(value), indent=2, ensure_ascii=False))


def as_mapping(run: RunFolder, state: RunState | None = None) -> dict[str, Any]:
    """A run and its state, as `--json` prints them."""
    seen = state or run.state()
    damage = {"damage": seen.damage} if seen.damage else {}
    return {"id": run.id, "path": str(run.path), **seen.to_mapping(), "warning_count": seen.warning_count, **damage}


def moment(seconds: float) -> str:
    """A time in seconds since 1970 as date and time here; `-` where there is none."""
    return f"{datetime.fromtimestamp(seconds):%Y-%m-%d %H:%M:%S}" if seconds and is_moment(seconds) else "-"


def ago(seconds: float) -> str:
    """How long a time in seconds since 1970 is past."""
    return f"{duration(time.time() - seconds)} ago"


def best_of(state: RunState) -> str:
    """The best metric so far, in words, with the number of warnings to be read beside it."""
    best = state.best
    if not isinstance(best, Mapping) or "metric" not in best:
        return "-"
    count = state.warning_count
    warnings = f", {count} warning{'s' if count > 1 else ''}" if count else ""
    return f"{best['metric']} {figure(best.get('value'))} (step {best.get('step', '?')}{warnings})"


def kept_as(reasons: Sequence[str]) -> str:
    """Why a checkpoint stays, in words; see `runs.kept.reasons`."""
    return ", ".join(KEPT_AS[reason] for reason in reasons)


def aligned(rows: Sequence[Sequence[object]]) -> list[str]:
    """The rows of a table as lines: each cell in one line, the columns flush left."""
    cells = [[shown.line(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]


def note(text: str) -> None:
    """Something for the person at the terminal that a program reading stdout must not see."""
    print(text, file=sys.stderr, flush=True)
