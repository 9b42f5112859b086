"""`tunesmith show RUN`: everything about one run on one page."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tunesmith import shown
from tunesmith.cli.parts import run_choice
from tunesmith.files import is_regular
from tunesmith.runs.damage import problems_of
from tunesmith.runs.folder import RunFolder
from tunesmith.runs.number_format import figure, setting, size, steps_of
from tunesmith.runs.state import RunState

HELP = "show a run: state, settings, figures, checkpoints, last events, curve"
EVENTS = 8
POINTS = 512


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    run_choice.add_run(parser)
    parser.add_argument("--series", metavar="NAME", default="loss", help="which curve to draw (default: loss)")
    parser.add_argument("--points", type=int, default=POINTS, metavar="N", help="points a series in --json, at most")
    run_choice.add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print it for a person or as JSON."""
    found = run_choice.found_run(arguments)
    if arguments.json:
        run_choice.print_json(_as_mapping(found, arguments.points))
    else:
        print("\n".join(_page(found, arguments.series)))
    return 0


def _as_mapping(run: RunFolder, points: int) -> dict[str, Any]:
    from tunesmith.runs.comparison import outcome_of, reasons_of, settings_of

    state, settings, outcome = run.state(), settings_of(run), outcome_of(run)
    return {
        **run_choice.as_mapping(run, state),
        "settings": settings,
        "reasons": reasons_of(run),
        "metrics": outcome.figures,
        "warnings": outcome.warnings,
        "checkpoints": _checkpoints(run, state, settings),
        "events": run.events(),
        "series": {name: _curve(run, name, points) for name in run.series()},
        "problems": [{"code": problem.code, "message": problem.message} for problem in problems_of(run)],
    }


def _curve(run: RunFolder, name: str, points: int) -> dict[str, Any]:
    from tunesmith.runs.envelope import Window, envelope
    from tunesmith.runs.series import read_series

    records = read_series(run.series_file(name))
    drawn = envelope(records, Window(columns=points))
    return {
        "records": len(records),
        "last": float(records["value"][-1]) if len(records) else None,
        "step": drawn.step.tolist(),
        "low": drawn.low.tolist(),
        "mean": drawn.mean.tolist(),
        "high": drawn.high.tolist(),
    }


def _checkpoints(run: RunFolder, state: RunState, settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Newest first, each with why it stays."""
    from tunesmith.runs.kept import reasons

    why = reasons(run, settings=settings, best=state.best)
    return [
        {"name": path.name, "path": str(path), "bytes": _bytes(path), "kept": list(why.get(int(path.name[5:]), ()))}
        for path in run.checkpoints()
    ]


def _checkpoint_rows(run: RunFolder, state: RunState, settings: Mapping[str, Any]) -> dict[str, str]:
    found = _checkpoints(run, state, settings)
    kept = [f"kept as {run_choice.kept_as(item['kept'])}" if item["kept"] else "" for item in found]
    width = max((len(text) for text in kept), default=0)
    return {
        item["name"]: f"{size(item['bytes']):>9}  {text:<{width}}  {item['path']}"
        for item, text in zip(found, kept, strict=True)
    }


def _bytes(folder: Path) -> int:
    return sum(item.lstat().st_size for item in folder.rglob("*") if is_regular(item))


def _page(run: RunFolder, series: str) -> list[str]:
    from tunesmith.runs.comparison import outcome_of, reasons_of, settings_of
    from tunesmith.runs.lines import event_line

    state, settings, reasons, outcome = run.state(), settings_of(run), reasons_of(run), outcome_of(run)
    lines = [run.id, *_table(_state_rows(run, state))]
    lines += [str(problem) for problem in problems_of(run)]
    lines += ["", "settings", *_table({key: setting(value) for key, value in settings.items()})]
    lines += ["", "why auto chose it", *_table(reasons)] if reasons else []
    figures = {name: figure(value) for name, value in outcome.figures.items()}
    lines += ["", "metrics", *_table(figures)] if figures else []
    lines += [f"  warning: {shown.line(text)}" for text in outcome.warnings]
    checkpoints = _checkpoint_rows(run, state, settings)
    lines += ["", "checkpoints", *_table(checkpoints)] if checkpoints else []
    lines += ["", "last events"]
    lines += [f"  {_time_of(event)}  {event_line(event)}" for event in run.events()[-EVENTS:]]
    return [*lines, *_drawn(run, series)]


def _time_of(event: dict[str, Any]) -> str:
    time = event.get("time")
    return run_choice.moment(time) if isinstance(time, (int, float)) else "-"


def _table(rows: dict[str, Any]) -> list[str]:
    cells = {shown.line(name): shown.line(value) for name, value in rows.items()}
    width = max(map(len, cells), default=0)
    return [f"  {name:<{width}}  {value}" for name, value in cells.items()]


def _state_rows(run: RunFolder, state: RunState) -> dict[str, str]:
    rows = {
        "state": state.status + (f": {state.message}" if state.message else ""),
        "step": steps_of(state),
        "best": run_choice.best_of(state),
        "started": run_choice.moment(state.created),
        "updated": run_choice.moment(state.updated),
        "device": state.device,
        "memory": size(state.memory_mb * 1e6) if state.memory_mb else "",
        "process": f"{state.pid} on {state.host}" if state.pid else "",
        "folder": str(run.path),
    }
    if state.status == "lost":
        rows["next"] = f"tunesmith resume {run.id}"
    return {name: value for name, value in rows.items() if value}


def _drawn(run: RunFolder, series: str) -> list[str]:
    """The curve, as far as the terminal can draw it."""
    from tunesmith.explain.terminal import can_unicode, curve
    from tunesmith.runs.series import read_series

    records = read_series(run.series_file(series))
    if not len(records):
        return ["", f"nothing recorded as {series}" + (f"; there is {', '.join(run.series())}" if run.series() else "")]
    unicode = can_unicode(sys.stdout.encoding)
    return ["", curve(records["step"], records["value"], title=series, unicode=unicode)]
