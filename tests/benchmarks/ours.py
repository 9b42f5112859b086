"""Tunesmith as its user gets it: `tunesmith run` on a job in a project of its own, measured from outside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from common import anonymous_mb, cpu_s, peak_mb

RECORD = [("step", "<i8"), ("seconds", "<f8"), ("value", "<f8")]
COMMAND = Path(sys.executable).with_name("tunesmith")
POLL_S = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One run. `seconds[i]` is when step i + 1 had ended, in the run's own time.

    The loop hands its numbers over some tens of steps late, then says when the last of them had ended and spreads the
    others evenly since the hand-over before: off by less than 0.2 s in the middle of a run, exact where steps are
    longer than that, and exact for the last step.
    """

    run: Path
    seconds: Any
    losses: Any
    peak_mb: float
    anonymous_mb: float
    cpu_s: float

    @property
    def steps(self) -> int:
        """Steps that were made."""
        return len(self.seconds)

    def seconds_between(self, first: int, last: int) -> float:
        """From the end of step `first` to the end of step `last` (steps count from 1)."""
        return float(self.seconds[last - 1] - self.seconds[first - 1])

    def parameters(self) -> int:
        """How many numbers were tuned: a checkpoint holds these and the model's buffers (none, in our models)."""
        return sum(int(np.prod(entry["shape"])) for entry in self.tensors().values())

    def tensors(self) -> dict[str, Any]:
        """The header of the newest checkpoint's weights."""
        with (self.checkpoint() / "model.safetensors").open("rb") as file:
            size = int.from_bytes(file.read(8), "little")
            header: dict[str, Any] = json.loads(file.read(size))
        return {name: entry for name, entry in header.items() if name != "__metadata__"}

    def checkpoint(self) -> Path:
        """The newest checkpoint."""
        return max((self.run / "checkpoints").glob("step-*"), key=lambda folder: int(folder.name[5:]))

    def training_rows(self) -> int:
        """As the run counted them, label by label (0 for tasks without labels)."""
        return sum(json.loads((self.run / "facts.json").read_bytes())["counts"])

    def tokens(self) -> int:
        """How many are in the features of all training rows, padding not among them."""
        entry = next((self.run.parents[1] / "cache").glob("*/manifest.json"))
        manifest = json.loads(entry.read_bytes())
        values = manifest["features"]["input_ids"][0]
        return int(manifest["files"][values]["shape"][0])

    def precision(self) -> str:
        """What the run chose."""
        return str(json.loads((self.run / "environment.json").read_bytes())["precision"])

    def export(self, to: Path, form: str) -> Path:
        """The model in transformers' own layout."""
        command(["export", str(self.run), "--to", str(to), "--format", form], self.run)
        return to


def command(arguments: list[str], folder: Path) -> str:
    """What `tunesmith ARGUMENTS` prints; ends this peer with its last words if it fails."""
    done = subprocess.run([COMMAND, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"tunesmith {' '.join(arguments)} ended with {done.returncode}\n{done.stdout[-2000:]}{done.stderr}")
    return done.stdout


def run_job(project: Path, job: str, *, overrides: list[str] | None = None) -> Measured:
    """Train the job whose text is given, in the folder `project`, to its end."""
    file = project.resolve() / "benchmark.job.yaml"
    file.write_text(job, "utf-8")
    known = set(runs(project))
    sets = [part for override in overrides or [] for part in ("--set", override)]
    arguments = [str(COMMAND), "run", str(file), *sets]
    process = subprocess.Popen(arguments, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    seen = _Seen()
    done = threading.Event()
    watcher = threading.Thread(target=_watch, args=(project, known, seen, done))
    watcher.start()
    said, _ = process.communicate()
    done.set()
    watcher.join()
    new = [run for run in runs(project) if run not in known]
    if process.returncode:
        log = (new[0] / "log.txt").read_text("utf-8") if new else ""
        sys.exit(f"tunesmith run ended with {process.returncode}\n{said[-3000:]}\n{log[-6000:]}")
    records = np.fromfile(new[0] / "series" / "loss.bin", dtype=RECORD)
    assert (records["step"] == np.arange(1, len(records) + 1)).all()
    return Measured(
        run=new[0],
        seconds=records["seconds"],
        losses=records["value"],
        peak_mb=seen.peak_mb,
        anonymous_mb=seen.anonymous_mb,
        cpu_s=seen.cpu_s,
    )


def runs(project: Path) -> list[Path]:
    """The project's runs."""
    return sorted(path for path in (project / ".tunesmith" / "runs").glob("[0-9]*") if path.is_dir())


def worker_of(run: Path) -> int | None:
    """The process that trains `run`, once it was launched."""
    try:
        return int(json.loads((run / "launched.json").read_bytes())["pid"])
    except (OSError, ValueError, KeyError):
        return None


@dataclass(slots=True)
class _Seen:
    """The most memory that the worker has held, that of it which belonged to no file, and the processor time that it
    has taken."""

    peak_mb: float = 0.0
    anonymous_mb: float = 0.0
    cpu_s: float = 0.0


def _watch(project: Path, known: set[Path], seen: _Seen, done: threading.Event) -> None:
    """Note what the worker takes; it is a process that we cannot wait for."""
    worker: int | None = None
    while not done.wait(POLL_S):
        if worker is None:
            new = [run for run in runs(project) if run not in known]
            worker = worker_of(new[0]) if new else None
        if worker is not None:
            seen.peak_mb = max(seen.peak_mb, peak_mb(worker))
            seen.anonymous_mb = max(seen.anonymous_mb, anonymous_mb(worker))
            seen.cpu_s = max(seen.cpu_s, cpu_s(worker))


def cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
