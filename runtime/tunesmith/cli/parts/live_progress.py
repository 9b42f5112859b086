"""Watching a run from outside: what is new in its folder, shown live on a terminal or as plain lines elsewhere."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from subprocess import Popen, TimeoutExpired
from typing import Any, Protocol

from tunesmith import shown
from tunesmith.cli.parts.run_choice import as_mapping, note
from tunesmith.cli.parts.streams import behind
from tunesmith.files import finite
from tunesmith.runs.folder import RunFolder
from tunesmith.runs.lines import Lines, View, Watcher, event_line, progress_line
from tunesmith.runs.state import ENDED, RunState

POLL_S = 0.25
EXIT_S = 20.0  # from a worker's last word to its end


class Display(Protocol):
    """Where views go."""

    def show(self, view: View) -> None: ...

    def say(self, text: str) -> None:
        """A remark beside the progress."""
        ...

    def close(self) -> None: ...


def display_for(*, as_json: bool) -> Display:
    """JSON lines for programs, a live display on a terminal, plain lines elsewhere."""
    if as_json:
        return JsonLines()
    return LiveDisplay() if sys.stdout.isatty() else PlainLines()


def watch(run: RunFolder, watcher: Watcher, display: Display, worker: Popen[bytes] | None) -> RunState | None:
    """Show the run until it ends; returns its last state, or None if the user detached.

    The first Ctrl-C asks the worker to stop with a checkpoint, the second leaves it running.
    """
    interrupts, has_asked = 0, False
    while True:
        try:
            if interrupts > 1:
                display.close()
                note(f"left running; tunesmith stop {run.id} stops it{_how_to_kill(run)}")
                return None
            if interrupts and not has_asked:
                run.request({"command": "stop"})
                has_asked = True
                display.say("stopping after this step, with a checkpoint; Ctrl-C again leaves it running")
            if worker is not None:
                worker.poll()  # a dead child stays a zombie until asked for
            view = watcher.look()
            display.show(view)
            if view.state.ended:
                _wait_for_end(worker)
                display.close()
                return view.state
            time.sleep(POLL_S)
        except KeyboardInterrupt:  # noqa: PERF203 - four rounds a second
            interrupts += 1  # answered above, where the next one may come at any point


def _wait_for_end(worker: Popen[bytes] | None) -> None:
    """The state is final a moment before the process ends, which still holds memory and the run's lock."""
    if worker is not None:
        try:
            worker.wait(timeout=EXIT_S)
        except TimeoutExpired:
            note(f"its process {worker.pid} still has not ended")


def _how_to_kill(run: RunFolder) -> str:
    pid = run.state().pid
    return f", kill -9 {pid} ends it at once (resume repeats the steps since its last checkpoint)" if pid else ""


def _but_for_the_end(view: View) -> View:
    """Without the event that the run has ended: the summary behind it begins with that, in the same words."""
    events = [event for event in view.events if event["kind"] != "state" or event.get("status") not in ENDED]
    return replace(view, events=events)


class PlainLines:
    """A line every few seconds and one for each event."""

    def __init__(self) -> None:
        self._lines = Lines(self.say)

    def show(self, view: View) -> None:
        self._lines.show(_but_for_the_end(view))

    def say(self, text: str) -> None:
        print(text, flush=True)

    def close(self) -> None:
        """Nothing is open."""


class JsonLines:
    """One JSON object a line: events as they are, and the state whenever it changed."""

    def __init__(self) -> None:
        self._updated = 0.0

    def show(self, view: View) -> None:
        for event in view.events:
            self._print(event)
        if view.state.updated != self._updated:
            self._updated = view.state.updated
            self._print({"kind": "progress", **view.state.to_mapping(), "loss": view.loss})

    def say(self, text: str) -> None:
        note(text)

    def close(self) -> None:
        """Nothing is open."""

    def _print(self, value: Mapping[str, Any]) -> None:
        print(json.dumps(finite(dict(value)), ensure_ascii=False), flush=True)


class LiveDisplay:
    """One bar at the foot of the terminal, events above it."""

    def __init__(self) -> None:
        # rich takes a quarter of a second to import: by now the worker has been launched.
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        self._progress = Progress(
            BarColumn(bar_width=12),
            TextColumn("{task.description}", markup=False),
            # What it draws goes past the door, so every text of others is shown safely here.
            console=Console(file=behind(sys.stdout), highlight=False, markup=False, emoji=False),
            auto_refresh=False,  # a thread of its own would take time from the training
        )
        self._task = self._progress.add_task("starting", total=None)
        self._progress.start()

    def show(self, view: View) -> None:
        for event in _but_for_the_end(view).events:
            self.say(event_line(event))
        state = view.state
        text = progress_line(view) if state.status == "running" else state.message or state.status
        self._progress.update(self._task, description=shown.line(text), completed=state.step, total=state.total_steps)
        self._progress.refresh()

    def say(self, text: str) -> None:
        self._progress.console.print(shown.text(text))

    def close(self) -> None:
        self._progress.stop()


def exit_status(state: RunState | None) -> int:
    """0 finished, 1 failed, 2 bad job, 130 stopped, paused by request or left running."""
    if state is None:
        return 130
    if state.status == "finished":
        return 0
    error = state.extra.get("error")
    if state.status in ("stopped", "paused") and not error:
        return 130
    bad_job = isinstance(error, str) and error.split(".")[0] in ("job", "data")
    return 2 if state.status == "failed" and bad_job else 1


def print_end(run: RunFolder, state: RunState | None, *, as_json: bool) -> None:
    """The summary: how it ended, the figures, where everything is, what to type next."""
    if state is None:
        return
    if as_json:
        print(json.dumps(finite({"kind": "end", **as_mapping(run, state)}), ensure_ascii=False), flush=True)
        return
    from tunesmith.cli.parts.closing_summary import summary

    print(summary(run, state), flush=True)
