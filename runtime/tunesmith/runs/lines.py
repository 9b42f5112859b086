"""What is new in a run's folder, and how it reads as lines: on a terminal, and in the run's own log."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tunesmith import shown
from tunesmith.runs.events import EventTail
from tunesmith.runs.folder import RunFolder
from tunesmith.runs.number_format import duration, figure, number, size, steps_of
from tunesmith.runs.series import SeriesTail
from tunesmith.runs.state import RunState

LINE_S = 5.0  # between two lines of progress
SMOOTHING = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What there is to show: the state, the smoothed loss, and the events since the last view."""

    state: RunState
    loss: float | None
    events: list[dict[str, Any]]


class Watcher:
    """Reads only what is new. Made before the worker is launched, it begins with what this worker does."""

    def __init__(self, run: RunFolder) -> None:
        self.run = run
        self._events = EventTail(run.events_file)
        self._losses = SeriesTail(run.loss_file)
        self._loss: float | None = None
        self._events.new()
        self._losses.skip()

    def look(self) -> View:
        state = self.run.state()  # before the events: those that led to an end are read with it
        for _, _, value in self._losses.new():
            if value == value and abs(value) != float("inf"):
                self._loss = value if self._loss is None else SMOOTHING * self._loss + (1 - SMOOTHING) * value
        return View(state=state, loss=self._loss, events=self._events.new())


def progress_line(view: View) -> str:
    """Step, loss, speed, time left and memory in one line; with the bar before it, it fits 80 columns."""
    state = view.state
    parts = [f"step {steps_of(state)}"]
    if view.loss is not None:
        parts.append(f"loss {view.loss:.4f}")
    if state.samples_per_second:
        parts.append(f"{number(state.samples_per_second)} samples/s")
    if state.eta_s is not None:
        parts.append(f"{duration(state.eta_s)} left")
    if state.memory_mb:
        parts.append(size(state.memory_mb * 1e6))
    if state.message:
        parts.append(state.message)
    return "  ".join(parts)


def event_line(event: Mapping[str, Any]) -> str:
    """An event in words; of several lines, all but the first are indented."""
    return shown.indented(_words(event))


def _words(event: Mapping[str, Any]) -> str:
    kind = event["kind"]
    at = f"step {event['step']}: " if isinstance(event.get("step"), int) else ""
    if kind == "state":
        message = f": {event['message']}" if event.get("message") else ""
        return f"{event.get('status')}{message}"
    if kind == "evaluation" and isinstance(event.get("metrics"), dict):
        figures = ", ".join(f"{name} {figure(value)}" for name, value in event["metrics"].items())
        return f"{at}evaluation: {figures}{' (best so far)' if event.get('best') else ''}"
    if kind == "checkpoint":
        written = f", {size(event['bytes'])}" if isinstance(event.get("bytes"), int) else ""
        return f"{at}checkpoint{written}"
    if kind == "resumed":
        return f"goes on after step {event['step']}" if at else "goes on"
    if kind == "report":
        return f"{at}the report on the {event.get('part', 'held-out')} rows is written"
    text = event.get("message") or ", ".join(
        f"{key} {value}" for key, value in event.items() if key not in ("kind", "time", "seconds", "step", "code")
    )
    return f"{at}{kind}: {text}" if text else f"{at}{kind}"


class Lines:
    """A line every few seconds and one for each event, handed to `say`."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._last = (time.monotonic(), 0)

    def show(self, view: View) -> None:
        for event in view.events:
            self._say(event_line(event))
        at, step = self._last
        if view.state.status == "preparing" and view.state.message and time.monotonic() - at >= LINE_S:
            self._say(view.state.message)
            self._last = (time.monotonic(), step)
        if view.state.step != step and time.monotonic() - at >= LINE_S:
            self._say(progress_line(view))
            self._last = (time.monotonic(), view.state.step)
