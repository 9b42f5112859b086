"""A worker killed at any instant resumes bit for bit: losses, weights, optimizer state and metrics."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from real_workers import ForkServer, new_run, outcome
from support import write_digits_job, write_text_job

RHYTHM = (
    "training: {epochs: 1, batch_size: 16, learning_rate: 0.001, max_steps: 24}",
    "evaluation: {every: 8 steps}",
    "checkpoints: {every: 5 steps, keep: 2}",
)
KILLS = 14  # of each of the three jobs
Maker = Callable[[Path], Path]


@pytest.fixture(params=["text-full", "text-lora", "image-full"])
def make_job(request: pytest.FixtureRequest, library_csv: Path, tiny_bert: Path) -> Maker:
    """Writes the same job into any folder: dropout and shuffling on in all of them."""
    kind = str(request.param)

    def make(folder: Path) -> Path:
        folder.mkdir()
        if kind == "image-full":
            return write_digits_job(folder, *RHYTHM)
        method = "method: {lora: {rank: 4, dropout: 0.1}}" if kind == "text-lora" else "method: full"
        return write_text_job(folder, library_csv, tiny_bert, method, *RHYTHM)

    return make


def test_killed_at_random_instants_resumes_bit_for_bit(make_job: Maker, workers: ForkServer, tmp_path: Path) -> None:
    whole = new_run(make_job(tmp_path / "whole"))
    began = time.monotonic()
    workers.finish(whole)
    lasted = time.monotonic() - began
    expected = outcome(whole)

    instants = random.Random(20261124)
    kills = projects = 0
    while kills < KILLS:
        # A project of its own each time, so that the feature cache is built, and killed, anew.
        run, projects = new_run(make_job(tmp_path / f"cut-{projects}")), projects + 1
        for _ in range(2):
            pid = workers.start(run)
            time.sleep(instants.uniform(0.0, lasted * 0.9))
            os.kill(pid, signal.SIGKILL)
            killed = workers.wait().killed
            kills += killed
            if not killed:  # the machine has become faster since the whole run was timed
                lasted *= 0.8
        workers.finish(run)
        assert outcome(run) == expected
        assert projects <= 2 * KILLS, "the workers end before they can be killed"


def test_killed_at_any_file_operation_resumes_bit_for_bit(make_job: Maker, workers: ForkServer, tmp_path: Path) -> None:
    whole = workers.finish(new_run(make_job(tmp_path / "whole")))
    expected = outcome(whole)

    # Every so many writes, renames and fsyncs, until a worker comes through alive: inside the feature cache, the first
    # state, checkpoints (data, manifest, rename), series, the report.
    run, number, kills = new_run(make_job(tmp_path / "cut")), 1, 0
    while workers.run(run, kill_at=number).killed:
        kills += 1
        number += 1 + number // 3
        assert kills < 60
    assert outcome(run) == expected
    assert kills >= 6
