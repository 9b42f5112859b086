"""What keeping a run costs: the pause of a checkpoint against torch.save, the steps beside the write, recording.

    python checkpoint.py

`torch-save` is a bare loop that tunes MiniLM fully and writes model, AdamW's state and random numbers every few steps
with torch.save, once until they are on the disk (fsync: what a checkpoint is for) and once without. `ours` is
`tunesmith run` on the same rows and steps; its pauses are those that the run itself records. All texts fill 128 tokens,
so that every step costs the same and steps beside a write can be compared with others of the same run.
`recording` times the recorder alone, `recording-share` a whole training of the perceptron, whose steps are the shortest
of all: the time within everything that hands numbers over, in it reading them from tensors and writing state.json.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import perceptron
from common import MEGABYTE, Comparison, Figures, Target, add_precision, main, parser
from data import write_digits, write_long_reviews
from ours import Measured, run_job
from text_classification import load, padded, rows_of

VALUES = 300_000
STEPS_A_FLUSH = 300  # of the perceptron: 0.2 s
JOB = """\
task: text-classification
model: all-MiniLM-L6-v2
data: {{train: {train}, validation: none, text: text, label: label, max_length: 128}}
method: full
training:
  epochs: 1
  batch_size: {batch}
  learning_rate: 5e-5
  optimizer: {{adamw: {{weight_decay: 0.0}}}}
  schedule: constant
  warmup: 0
checkpoints: {{every: {every} steps, keep: 2}}
device: cpu
"""


def torch_save(options: argparse.Namespace) -> Figures:
    """Saves after every `options.every` steps, as a user's own loop would, keeping the last two files."""
    import torch

    rows = rows_of(options, "train")
    model = load(options)
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-5, weight_decay=0.0, fused=True)
    model.train()
    durable, plain, size, steps = [], [], 0, 0
    with tempfile.TemporaryDirectory(prefix="tunesmith-benchmark-save-") as folder:
        for begin in range(0, len(rows), options.batch):
            with torch.autocast("cpu", torch.bfloat16, enabled=options.precision == "bf16"):
                loss = model(**padded(rows[begin : begin + options.batch])).loss
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            steps += 1
            if steps % options.every == 0:
                file = Path(folder) / f"step-{steps % (2 * options.every)}"
                for times, sync in ((durable, True), (plain, False)):
                    file.unlink(missing_ok=True)
                    began = time.perf_counter()
                    whole = {"model": model.state_dict(), "optimizer": optimizer.state_dict()}
                    torch.save({**whole, "random": torch.get_rng_state()}, file)
                    if sync:
                        with file.open("rb") as opened:
                            os.fsync(opened.fileno())
                    times.append(time.perf_counter() - began)
                size = file.stat().st_size
    return {
        "save_s": round(statistics.median(durable[1:]), 4),
        "save_without_fsync_s": round(statistics.median(plain[1:]), 4),
        "state_mb": round(size / MEGABYTE),
        "steps": steps,
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
    }


def ours(options: argparse.Namespace) -> Figures:
    import numpy as np
    from ours import RECORD

    with tempfile.TemporaryDirectory(prefix="tunesmith-benchmark-ours-") as folder:
        job = JOB.format(train=options.data / "train.csv", batch=options.batch, every=options.every)
        run = run_job(Path(folder), job)
        pauses = np.fromfile(run.run / "series" / "checkpoint_pause_s.bin", dtype=RECORD)
        lines = (run.run / "events.jsonl").read_text("utf-8").splitlines()
        written = [event for event in map(json.loads, lines) if event["kind"] == "checkpoint"]
        pause = dict(zip(pauses["step"].tolist(), pauses["value"].tolist(), strict=True))
        beside, quiet = _steps_beside_writes(run, pause, {event["step"]: event["seconds"] for event in written})
        values = list(pause.values())
        return {
            "first_pause_s": round(values[0], 4),
            "pause_s": round(statistics.median(values[1:]), 4),
            "slow_down": round(statistics.mean(beside) / statistics.mean(quiet) - 1, 4),
            "steps_beside_writes": len(beside),
            "step_s": round(statistics.median(quiet), 4),
            "state_mb": round(written[-1]["bytes"] / MEGABYTE),
            "steps": run.steps,
            "parameters": run.parameters(),
        }


def _steps_beside_writes(
    run: Measured, pause: dict[int, float], written: dict[int, float]
) -> tuple[list[float], list[float]]:
    """Seconds of the steps during which a checkpoint was written (without its pause), and of the others.

    `pause` and `written` tell for the step of each checkpoint how long it stopped the training, and when the loop
    found, after a step, that the files were there.
    """
    beside, quiet = [], []
    for step in range(3, run.steps + 1):  # the first two warm up
        seconds = run.seconds_between(step - 1, step) - pause.get(step - 1, 0.0)
        saved = max((earlier for earlier in written if earlier < step), default=None)
        is_beside = saved is not None and run.seconds[step - 1] <= written[saved]
        (beside if is_beside else quiet).append(seconds)
    assert beside, "no checkpoint was written beside a step"
    assert quiet, "every step had a write beside it: raise --every"
    return beside, quiet


def recording(options: argparse.Namespace) -> Figures:
    """One value, alone and with its share of the flush that follows every few hundred."""
    from tunesmith.runs.recorder import RunRecorder

    with tempfile.TemporaryDirectory(prefix="tunesmith-benchmark-") as folder:
        recorder = RunRecorder(Path(folder))
        recorder.scalar("loss", 0, 1.0)
        single, flushing = 0.0, 0.0
        for begin in range(1, VALUES, STEPS_A_FLUSH):
            began = time.perf_counter()
            for step in range(begin, begin + STEPS_A_FLUSH):
                recorder.scalar("loss", step, 0.5)
            middle = time.perf_counter()
            recorder.flush()
            single += middle - began
            flushing += time.perf_counter() - middle
        values = [0.5] * STEPS_A_FLUSH
        began = time.perf_counter()
        for begin in range(1, VALUES, STEPS_A_FLUSH):
            recorder.scalars("many", begin, values)
            recorder.flush()
        bulk = time.perf_counter() - began
        recorder.close()
    return {
        "value_us": round(single / VALUES * 1e6, 3),
        "value_with_flush_us": round((single + flushing) / VALUES * 1e6, 3),
        "bulk_value_with_flush_us": round(bulk / VALUES * 1e6, 3),
    }


class Stopwatch:
    """Seconds spent in the functions it was put around; calls from one to another count once."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._depth = 0

    def around(self, owner: Any, name: str) -> None:
        function: Callable[..., Any] = getattr(owner, name)

        def timed(*given: Any, **named: Any) -> Any:
            began = time.perf_counter()
            self._depth += 1
            try:
                return function(*given, **named)
            finally:
                self._depth -= 1
                if not self._depth:
                    self.seconds += time.perf_counter() - began

        setattr(owner, name, timed)


def recording_share(options: argparse.Namespace) -> Figures:
    """The worker's own code, run in this process with stopwatches around everything that records."""
    from tunesmith.runs.folder import RunFolder
    from tunesmith.runs.launch import prepare as prepare_run
    from tunesmith.runs.lock import hold
    from tunesmith.runs.recorder import RunRecorder
    from tunesmith.train.loop import Loop
    from tunesmith.train.step_numbers import StepNumbers
    from tunesmith.worker import training

    whole, part = Stopwatch(), Stopwatch()
    with tempfile.TemporaryDirectory(prefix="tunesmith-benchmark-ours-") as folder:
        file = perceptron.write_project(Path(folder), options.data / "digits.npz", epochs=20, seed=options.seed)
        run, _ = prepare_run(file)
        whole.around(Loop, "run")
        numbers = (StepNumbers, ["_begin", "_record"])
        for owner, names in (numbers, (RunRecorder, ["scalar", "scalars", "event", "flush"])):
            for name in names:
                part.around(owner, name)
        part.around(RunFolder, "set_state")
        with hold(run):
            before = part.seconds
            training.train(run, run.commands())
        steps = len((run.path / "series" / "loss.bin").read_bytes()) // 24
        return {
            "recording_share": round((part.seconds - before) / whole.seconds, 5),
            "microseconds_a_step": round(whole.seconds / steps * 1e6, 1),
        }


PEERS = {"torch-save": torch_save, "ours": ours, "recording": recording, "recording-share": recording_share}
COMPARISON = Comparison(
    title="Checkpoints of MiniLM with AdamW's state, and recording",
    peers=tuple(PEERS),
    fields=(
        "save_s",
        "save_without_fsync_s",
        "first_pause_s",
        "pause_s",
        "slow_down",
        "value_us",
        "value_with_flush_us",
        "bulk_value_with_flush_us",
        "recording_share",
    ),
    equal=("steps", "parameters"),
    targets=(
        Target(field="pause_s", against="torch-save", of="save_s", at_most=0.1),
        Target(field="first_pause_s", against="torch-save", of="save_s", at_most=0.4),
        Target(field="state_mb", against="torch-save", at_most=1.02),
        Target(field="slow_down", at_most=0.1),
        Target(peer="recording", field="value_us", at_most=1.0),
        Target(peer="recording", field="value_with_flush_us", at_most=1.0),
        Target(peer="recording", field="bulk_value_with_flush_us", at_most=1.0),
        Target(peer="recording-share", field="recording_share", at_most=0.01),
    ),
)


def prepare(folder: Path, options: argparse.Namespace) -> None:
    write_long_reviews(folder, rows=options.rows)
    write_digits(folder / "digits.npz", rows=20_000)


if __name__ == "__main__":
    made = parser(__doc__.splitlines()[0], list(PEERS))
    made.add_argument("--rows", type=int, default=1280)
    made.add_argument("--batch", type=int, default=16, help="large enough that a step takes 0.2 s or more")
    made.add_argument("--every", type=int, default=8, help="steps between checkpoints")
    add_precision(made)
    chosen = made.parse_args(sys.argv[1:])
    chosen.method = "full"
    main(__file__, chosen, PEERS, COMPARISON, prepare, ["rows", "batch", "every", "precision"])
