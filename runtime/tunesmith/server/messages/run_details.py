"""What a run's folder says beyond its line in a table, as messages."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tunesmith.errors import TunesmithError
from tunesmith.files import is_regular
from tunesmith.protocol.problems import found
from tunesmith.protocol.runs import Checkpoint, Comparison, Difference, Event, RunDetail, SeriesInfo
from tunesmith.runs.comparison import differences, outcome_of, settings_of
from tunesmith.runs.damage import problems_of
from tunesmith.runs.events import current
from tunesmith.runs.folder import RunFolder
from tunesmith.runs.kept import reasons
from tunesmith.runs.series import RECORD
from tunesmith.server.messages.run_summary import summary

NOT_FINITE = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
PLAIN = ("kind", "time", "seconds", "step")


def detail(run: RunFolder, *, position: int | None) -> RunDetail:
    """Everything about one run but its numbers."""
    state = run.state()
    events, settings, outcome = run.events(), settings_of(run), outcome_of(run)
    return RunDetail(
        run=summary(run, position=position, state=state),
        settings=settings,
        job=_job_text(run),
        metrics=numbers(outcome.figures),
        warnings=tuple(outcome.warnings),
        checkpoints=checkpoints_of(run, settings, events, state.best),
        series=tuple(SeriesInfo(name=name, records=_records(run.series_file(name))) for name in run.series()),
        environment=environment_of(run),
        report=is_regular(run.report_folder / "metrics.json"),
        exports=tuple(map(str, run.exports())),
        problems=tuple(found(problem) for problem in problems_of(run)),
    )


def events_of(run: RunFolder) -> list[Event]:
    """All events, numbered from 1; those that a resume took back are not `current`."""
    read = run.events()
    kept = {id(event) for event in current(read)}
    return [event_message(number, event, holds=id(event) in kept) for number, event in enumerate(read, start=1)]


def event_message(number: int, event: Mapping[str, Any], *, holds: bool = True) -> Event:
    """One line of events.jsonl."""
    step, seconds = event.get("step"), event.get("seconds")
    return Event(
        number=number,
        kind=str(event["kind"]),
        time=_number(event.get("time")) or 0.0,
        seconds=_number(seconds),
        step=step if isinstance(step, int) and not isinstance(step, bool) else None,
        current=holds,
        fields={name: value for name, value in event.items() if name not in PLAIN},
    )


def compare(runs: Sequence[RunFolder]) -> Comparison:
    """In what the runs differ."""
    environments = [environment_of(run) for run in runs]
    code = [_code(environment) for environment in environments]
    data = [_table(environment.get("data")) for environment in environments]
    rest = [{name: value for name, value in each.items() if name not in ("data", "git")} for each in environments]
    figures = [{**outcome_of(run).figures, "steps": run.state().step} for run in runs]
    return Comparison(
        runs=tuple(summary(run) for run in runs),
        settings=_differences([settings_of(run) for run in runs]),
        metrics=_differences(figures),
        data=_differences(data),
        code=_differences(code),
        environment=_differences(rest),
    )


def _differences(tables: Sequence[Mapping[str, Any]]) -> tuple[Difference, ...]:
    return tuple(Difference(name=name, values=tuple(values)) for name, values in differences(tables).items())


def _table(found: Any) -> dict[str, Any]:
    return found if isinstance(found, dict) else {}


def _code(environment: Mapping[str, Any]) -> dict[str, Any]:
    git = environment.get("git")
    if not isinstance(git, dict):
        return {}
    return {"commit": git.get("commit")}


def checkpoints_of(
    run: RunFolder, settings: Mapping[str, Any], events: Sequence[Mapping[str, Any]], best: Mapping[str, Any] | None
) -> tuple[Checkpoint, ...]:
    """The saved states of a run, newest first, with what was measured there and why each stays."""
    why = reasons(run, settings=settings, best=best)
    metrics = {event.get("step"): event.get("metrics") for event in events if event["kind"] == "evaluation"}
    found_ones = []
    for folder in run.checkpoints():
        step = int(folder.name[5:])
        of_step = metrics.get(step)
        found_ones.append(
            Checkpoint(
                step=step,
                path=str(folder),
                bytes=size_of(folder),
                created=_changed(folder),
                best=bool(best) and isinstance(best, Mapping) and best.get("step") == step,
                metrics=numbers(of_step) if isinstance(of_step, Mapping) else {},
                kept=why.get(step, ()),
            )
        )
    return tuple(found_ones)


def size_of(folder: Path) -> int:
    """Bytes of all files below `folder`; files that go while it is counted count as nothing."""
    total = 0
    for base, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(base) / name).stat().st_size
            except OSError:  # noqa: PERF203 - a checkpoint is deleted in this moment
                continue
    return total


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _records(path: Path) -> int:
    try:
        return path.stat().st_size // RECORD.size
    except OSError:
        return 0


def numbers(found: Mapping[str, Any]) -> dict[str, float]:
    """The figures among the values."""
    read = {str(name): _number(value) for name, value in found.items()}
    return {name: value for name, value in read.items() if value is not None}


def _number(value: Any) -> float | None:
    if isinstance(value, str):
        return NOT_FINITE.get(value)
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def environment_of(run: RunFolder) -> dict[str, Any]:
    """What environment.json holds; empty where there is none, or it is damaged, which the run's problems name."""
    try:
        return run.object_in("environment.json")
    except TunesmithError:
        return {}


def _job_text(run: RunFolder) -> str:
    try:
        return run.job_text()
    except TunesmithError:
        return ""
