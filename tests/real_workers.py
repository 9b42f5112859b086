"""Real workers, killed and resumed, and what a run that was never killed looks like."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tunesmith.runs.folder import RunFolder
from tunesmith.runs.launch import prepare


@dataclass(frozen=True)
class Ended:
    """How a worker ended: `killed` by SIGKILL, or with an exit status."""

    killed: bool
    status: int


class ForkServer:
    """Starts real workers by fork; one at a time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("fork_server.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._running: int | None = None

    def start(self, run: RunFolder, *, kill_at: int | None = None, file_limit: int | None = None) -> int:
        """Fork a worker on `run`; returns its pid, which stays the worker's until the next start."""
        if self._running is not None:  # a test that failed left it behind
            os.kill(self._running, signal.SIGKILL)
            self.wait()
        self._running = int(self._ask({"run": str(run.path), "kill_at": kill_at, "file_limit": file_limit})["pid"])
        return self._running

    def wait(self) -> Ended:
        """Until the worker that was started has ended."""
        ended = self._read()
        self._running = None
        if ended["signal"]:
            return Ended(killed=ended["status"] == signal.SIGKILL, status=-ended["status"])
        return Ended(killed=False, status=ended["status"])

    def run(self, run: RunFolder, **options: Any) -> Ended:
        """A worker from start to end."""
        self.start(run, **options)
        return self.wait()

    def finish(self, run: RunFolder) -> RunFolder:
        """A worker that ends well; returns the run."""
        assert self.run(run).status == 0, run.log_file.read_text()
        return run

    def close(self) -> None:
        """No more workers."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        assert self._process.wait(30) == 0

    def _ask(self, order: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return self._read()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        found: dict[str, Any] = json.loads(self._process.stdout.readline())
        return found


def new_run(job: Path, *overrides: str) -> RunFolder:
    """A queued run of `job` without a worker."""
    return prepare(job, overrides=overrides)[0]


def rewind(run: RunFolder) -> None:
    """Leave the run as a worker does that was killed behind its first checkpoint."""
    for folder in run.checkpoints()[:-1]:
        shutil.rmtree(folder)
    run.set_state("stopped")


def outcome(run: RunFolder) -> dict[str, Any]:
    """Everything that must be equal bit for bit: loss stream, weights, optimizer, evaluations."""
    newest = run.checkpoints()[0]
    manifest = json.loads((newest / "manifest.json").read_text())
    values = {
        name: [(int(step), float(value).hex()) for step, value in zip(records["step"], records["value"], strict=True)]
        for name in run.series()
        if not name.endswith("_s")  # durations are not part of the promise
        for records in [read(run, name)]
    }
    return {
        "checkpoint": newest.name,
        "files": {name: entry["sha256"] for name, entry in manifest["files"].items()},
        "series": values,
        "best": run.state().best,
    }


def read(run: RunFolder, name: str) -> Any:
    from tunesmith.runs.series import read_series

    return read_series(run.series_file(name))
