"""The words at the end of a run."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from tunesmith import shown
from tunesmith.cli.parts.run_choice import best_of
from tunesmith.files import open_regular
from tunesmith.runs.comparison import outcome_of
from tunesmith.runs.folder import RunFolder
from tunesmith.runs.number_format import duration, figure, steps_of
from tunesmith.runs.state import RunState

LAST_WORDS = 8
LAST_BYTES = 4096
FROZEN = (
    "job.",
    "data.",
    "catalog.",
    "model.",
    "method.",
    "train.",
    "task.",
    "env.no-such-device",
    "run.other-version",
)
"""Beginnings of errors that come again when the run is resumed: the job that it keeps, or what that names, is wrong."""


def summary(run: RunFolder, state: RunState) -> str:
    """How it ended, the figures, where everything is, and what to type next; several lines."""
    return "\n".join([_ending(run, state), *_figures(run, state), *_places(run, state), *_next(run, state)])


def _ending(run: RunFolder, state: RunState) -> str:
    took = duration(state.updated - state.created)
    if state.status == "finished":
        but = f", but nothing was learnt: {shown.line(state.nothing_learnt)}" if state.nothing_learnt else ""
        return f"\n{run.id} finished{but}: {steps_of(state)} steps in {took}"
    message = f": {shown.indented(state.message)}" if state.message else ""
    words = last_words(run) if state.status == "lost" else []
    return "\n".join([f"\n{run.id} {state.status} at step {steps_of(state)}{message}", *words])


def _figures(run: RunFolder, state: RunState) -> list[str]:
    outcome = outcome_of(run)
    headline = outcome.report.headline if outcome.report else ""
    lines = [f"  {shown.line(headline)}"] if headline else []
    lines += [f"  {shown.line(name):<18} {shown.line(figure(value))}" for name, value in outcome.figures.items()]
    if best_of(state) != "-":
        lines.append(f"  {'best':<18} {shown.line(best_of(state))}")
    return lines + [f"  warning: {shown.indented(text)}" for text in outcome.warnings]


def _places(run: RunFolder, state: RunState) -> list[str]:
    places = {
        "report": run.report_folder / "report.md",
        "curves": run.report_folder / "curves.png",
        "model": _best_checkpoint(run, state),
        "log": run.log_file,
    }
    return [f"  {name:<18} {_short(path)}" for name, path in places.items() if path is not None and path.exists()]


def _best_checkpoint(run: RunFolder, state: RunState) -> Path | None:
    """The checkpoint that predict and export take: of the best step if it is kept, else the newest."""
    found = run.checkpoints()
    best = [path for path in found if state.best and path.name == f"step-{state.best.get('step')}"]
    return next(iter(best or found), None)


def _short(path: Path) -> str:
    """Relative to the current folder where that is shorter."""
    try:
        return min(os.path.relpath(path), str(path), key=len)
    except ValueError:  # another drive
        return str(path)


def _next(run: RunFolder, state: RunState) -> list[str]:
    if state.status == "finished":
        return [
            "next:",
            f"  tunesmith predict {run.id} INPUT",
            f"  tunesmith show {run.id}",
            f"  tunesmith export {run.id} --to DIR",
        ]
    error = str(state.extra.get("error") or "")
    if state.status == "failed" and error.startswith(FROZEN):
        job = state.extra.get("job")
        if not isinstance(job, str) or not Path(job).exists():
            return ["next:", f"  tunesmith log {run.id}"]
        file = shlex.quote(_short(Path(job)))
        first = "next, once that is mended (a resumed run keeps the job as it was):"
        return [first, f"  tunesmith check {file}", f"  tunesmith run {file}"]
    return ["next:", f"  tunesmith resume {run.id}", f"  tunesmith log {run.id}"]


def last_words(run: RunFolder) -> list[str]:
    """The last lines of the log: a worker that died without a word to the run often left one there."""
    try:
        with open_regular(run.log_file, inside=run.path) as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - LAST_BYTES))
            text = file.read(LAST_BYTES).decode(errors="replace")
    except OSError:
        return []
    return [f"  | {line}" for line in text.splitlines()[-LAST_WORDS:]]
