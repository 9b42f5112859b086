"""What the loop promises of a step: the same result however it is split, and exactly the same again."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from real_workers import ForkServer, new_run, outcome, read
from support import tunesmith, write_digits_job, write_text_job
from tunesmith.runs.folder import RunFolder
from tunesmith.runs.lines import View, progress_line
from tunesmith.train.checkpoint import read as read_checkpoint

PLAIN = """
from torch import nn
import torch

class Plain(nn.Sequential):
    pass

def plain(outputs: int) -> nn.Module:
    return Plain(nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, outputs))

class Hungry(nn.Sequential):
    def forward(self, pixels):
        if self.training and len(pixels) > 5:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")
        return super().forward(pixels)

def hungry(outputs: int) -> nn.Module:
    return Hungry(nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, outputs))
"""


def digits_run(folder: Path, model: str, training: str, *extra: str) -> RunFolder:
    """A run of 12 steps of 32 digits on a perceptron without dropout."""
    folder.mkdir()
    (folder / "plain.py").write_text(PLAIN, encoding="utf-8")
    keys = f"training: {{batch_size: 32, max_steps: 12, learning_rate: 0.003, {training}}}"
    return new_run(write_digits_job(folder, keys, *extra, model=model))


def test_a_run_that_has_only_its_end_left_tells_no_speed(workers: ForkServer, tmp_path: Path) -> None:
    run = workers.finish(digits_run(tmp_path / "whole", "plain:plain", "epochs: 1"))
    assert run.state().samples_per_second
    run.set_state("stopped")  # as if it had been killed behind its last checkpoint
    workers.finish(run)
    state = run.state()
    assert (state.status, state.step, state.samples_per_second) == ("finished", 12, None)
    assert progress_line(View(state=state, loss=None, events=[])).startswith("step 12/12")


@pytest.mark.parametrize("imbalance", ["none", "weighted-loss"])
def test_a_batch_of_32_equals_four_of_8(imbalance: str, workers: ForkServer, tmp_path: Path) -> None:
    whole = digits_run(tmp_path / "whole", "plain:plain", "epochs: 1")
    split = digits_run(tmp_path / "split", "plain:plain", "micro_batch_size: 8")
    for run in (whole, split):
        run.write_job(run.job_text().replace("imbalance: none", f"imbalance: {imbalance}"))
        workers.finish(run)
    np.testing.assert_allclose(read(whole, "loss")["value"], read(split, "loss")["value"], rtol=2e-5)
    first, second = (read_checkpoint(run.checkpoints()[0]).tensors["model"] for run in (whole, split))
    for name, tensor in first.items():
        np.testing.assert_allclose(tensor.numpy(), second[name].numpy(), rtol=1e-3, atol=2e-5)


def test_out_of_memory_halves_the_micro_batch_and_changes_nothing_else(workers: ForkServer, tmp_path: Path) -> None:
    hungry = workers.finish(digits_run(tmp_path / "hungry", "plain:hungry", "epochs: 1"))
    small = workers.finish(digits_run(tmp_path / "small", "plain:plain", "micro_batch_size: 4"))
    downs = [event["micro_batch_size"] for event in hungry.events() if event["kind"] == "memory-step-down"]
    assert downs == [16, 8, 4]
    assert read(hungry, "loss")["value"].tolist() == read(small, "loss")["value"].tolist()


@pytest.fixture
def outcome_with(
    workers: ForkServer, library_csv: Path, tiny_bert: Path, tmp_path: Path
) -> Callable[[str], dict[str, Any]]:
    """What a run of a text job with these keys of `training` comes to; each in a project of its own."""
    folders = (tmp_path / str(number) for number in count())

    def run(training: str) -> dict[str, Any]:
        folder = next(folders)
        folder.mkdir()
        keys = f"training: {{learning_rate: 0.001, {training}}}"
        return outcome(workers.finish(new_run(write_text_job(folder, library_csv, tiny_bert, keys))))

    return run


def test_the_same_job_twice_gives_the_same_bits(outcome_with: Callable[[str], dict[str, Any]]) -> None:
    assert outcome_with("max_steps: 10") == outcome_with("max_steps: 10")


def test_computing_activations_again_changes_nothing(outcome_with: Callable[[str], dict[str, Any]]) -> None:
    kept, again = (f"max_steps: 6, activation_checkpointing: {flag}" for flag in ("false", "true"))
    assert outcome_with(kept) == outcome_with(again)


def test_replay_rebuilds_a_step_exactly(
    workers: ForkServer, library_csv: Path, tiny_bert: Path, tmp_path: Path
) -> None:
    job = write_text_job(
        tmp_path,
        library_csv,
        tiny_bert,
        "training: {max_steps: 14, batch_size: 8, learning_rate: 0.001}",
        "checkpoints: {every: 5 steps, keep: 9}",
    )
    run = workers.finish(new_run(job))
    before = outcome(run), (run.path / "events.jsonl").read_bytes(), run.state_file.read_bytes()
    for step, origin in ((13, 10), (3, 0)):
        replayed = tunesmith("replay", run.id, "--step", str(step), "--json", cwd=tmp_path)
        assert replayed.returncode == 0, replayed.stderr + replayed.stdout
        told = json.loads(replayed.stdout)
        assert told["exact"] is True
        assert told["from_step"] == origin
        assert len(told["rows"]) == 8
        assert all(row["line"] > 1 and row["file"].endswith("library.csv") for row in told["rows"])
    assert (outcome(run), (run.path / "events.jsonl").read_bytes(), run.state_file.read_bytes()) == before


def test_early_stopping_ends_the_run_and_keeps_the_best(workers: ForkServer, tmp_path: Path) -> None:
    run = digits_run(
        tmp_path / "early",
        "plain:plain",
        "ema: 0.9",
        "evaluation: {every: 2 steps, patience: 2, metric: accuracy}",
        "checkpoints: {every: 2 steps, keep: 1}",
    )
    text = run.job_text().replace("max_steps: 12", "max_steps: 400")
    run.write_job(text.replace("learning_rate: 0.003", "learning_rate: 0.05"))
    workers.finish(run)
    kinds = [event["kind"] for event in run.events()]
    assert "early-stop" in kinds
    evaluations = [event for event in run.events() if event["kind"] == "evaluation"]
    # of equal ones the lower loss is best
    best = max(evaluations, key=lambda event: (event["metrics"]["accuracy"], -event["metrics"]["loss"]))
    state = run.state()
    assert state.best == {"metric": "accuracy", "value": best["metrics"]["accuracy"], "step": best["step"]}
    assert {folder.name for folder in run.checkpoints()} >= {f"step-{best['step']}"}
    assert state.step < 400
