"""What a machine runs out of, or does not allow, is named; a run is paused by it and goes on to the same end."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from real_workers import ForkServer, new_run
from support import tunesmith, wait_until, write_digits_job
from tunesmith.runs.folder import RunFolder
from tunesmith.shortages import is_out_of_memory, shortage

RHYTHM = ("training: {max_steps: 12, batch_size: 16, learning_rate: 0.001}", "checkpoints: {every: 4 steps, keep: 3}")

# The N-th call that opens a file for writing fails, and all after it: as a full disk, a limit on handles or a disk that
# has become read-only would have it.
WORKER = """
import builtins, os, sys
left, number = int(sys.argv[2]), int(sys.argv[3])
opened, opened_low = builtins.open, os.open
def fails(path, writes):
    global left
    if not writes or not isinstance(path, (str, os.PathLike)) or ".tunesmith" not in os.fspath(path):
        return
    left -= 1
    if left < 0:
        raise OSError(number, os.strerror(number), os.fspath(path))
def open_(path, mode="r", *a, **k):
    fails(path, any(c in mode for c in "wax+"))
    return opened(path, mode, *a, **k)
def open_low(path, flags, *a, **k):
    fails(path, flags & (os.O_WRONLY | os.O_RDWR))
    return opened_low(path, flags, *a, **k)
import io
builtins.open = io.open = open_
os.open = open_low
from tunesmith.worker.__main__ import main
sys.exit(main([sys.argv[1]]))
"""

HUNGRY = """
from torch import nn
from perceptron import perceptron

class Hungry(nn.Sequential):
    def forward(self, pixels):
        if len(pixels) > LIMIT:
            raise ERROR
        return super().forward(pixels)

def hungry(outputs):
    return Hungry(*perceptron(outputs))
"""


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return new_run(write_digits_job(tmp_path, *RHYTHM))


@pytest.mark.parametrize(
    ("number", "after"), [(errno.EROFS, 3), (errno.ENOSPC, 12), (errno.EMFILE, 20), (errno.EACCES, 28)]
)
def test_writing_that_fails_is_named_and_the_run_ends_as_if_nothing_had_been(
    number: int, after: int, run: RunFolder, workers: ForkServer
) -> None:
    command = [sys.executable, "-c", WORKER, str(run.path), str(after), str(number)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert "error[run." in done.stderr
    assert run.state().status in ("queued", "lost", "paused")  # lost: not even the state could be written
    workers.finish(run)
    assert run.state().status == "finished"


def test_room_that_ends_while_preparing_pauses_the_run(run: RunFolder, workers: ForkServer) -> None:
    assert workers.run(run, file_limit=20_000).status == 1  # the features do not fit
    state = run.state()
    assert (state.status, state.extra.get("error")) == ("paused", "run.disk-full")
    workers.finish(run)


@pytest.mark.parametrize("error", ["MemoryError()", "RuntimeError('std::bad_alloc')",
                                   "RuntimeError('DefaultCPUAllocator: not enough memory')",
                                   "OSError(12, 'Cannot allocate memory')"])  # fmt: skip
def test_memory_that_runs_out_halves_the_micro_batch_of_training_and_evaluation(
    error: str, workers: ForkServer, tmp_path: Path
) -> None:
    run = hungry(tmp_path, error, limit=8)
    workers.finish(run)
    steps = [event["micro_batch_size"] for event in run.events() if event["kind"] == "memory-step-down"]
    assert steps == [8]


def test_memory_that_does_not_suffice_for_a_row_pauses_the_run(workers: ForkServer, tmp_path: Path) -> None:
    run = hungry(tmp_path, "MemoryError()", limit=0)
    assert workers.run(run).status == 1
    state = run.state()
    assert (state.status, state.extra.get("error")) == ("paused", "run.out-of-memory")
    (tmp_path / "greedy.py").write_text(HUNGRY.replace("LIMIT", "99").replace("ERROR", "MemoryError()"))
    workers.finish(run)


def hungry(folder: Path, error: str, *, limit: int) -> RunFolder:
    (folder / "greedy.py").write_text(HUNGRY.replace("LIMIT", str(limit)).replace("ERROR", error), encoding="utf-8")
    return new_run(write_digits_job(folder, *RHYTHM, model="greedy:hungry"))


@pytest.mark.parametrize("gone", ["project", "run"])
def test_a_run_whose_folder_is_moved_while_it_trains_ends_and_makes_nothing_there(
    gone: str, workers: ForkServer, tmp_path: Path
) -> None:
    (tmp_path / "project").mkdir()
    job = write_digits_job(
        tmp_path / "project",
        "training: {epochs: 9999, max_steps: 900000, batch_size: 16}",
        "evaluation: {every: 900000 steps}",
        "checkpoints: {every: 50 steps, keep: 2}",
    )
    run = new_run(job)
    workers.start(run)
    wait_until(lambda: len(run.checkpoints()) > 1, 120)
    old = tmp_path / "project" if gone == "project" else run.path
    old.rename(tmp_path / "elsewhere")
    assert workers.wait().status == 1
    assert not old.exists()
    moved = RunFolder(tmp_path / "elsewhere" / (f".tunesmith/runs/{run.id}" if gone == "project" else ""))
    log = moved.log_file.read_text("utf-8")
    assert "error[run.folder-gone]" in log
    assert "Traceback" not in log
    assert moved.checkpoints()


@pytest.fixture
def read_only(run: RunFolder, workers: ForkServer, tmp_path: Path) -> Iterator[Path]:
    """A project with a finished run on a disk that has become read-only."""
    workers.finish(run)
    mounted = subprocess.run(["mount", "--bind", str(tmp_path), str(tmp_path)], capture_output=True, check=False)
    if os.geteuid() != 0 or mounted.returncode != 0:
        pytest.skip("mounting a file system needs root")
    subprocess.run(["mount", "-o", "remount,bind,ro", str(tmp_path)], check=True)
    yield tmp_path
    subprocess.run(["umount", "-l", str(tmp_path)], check=True)


def test_no_command_ends_in_a_traceback_on_a_read_only_disk(read_only: Path, run: RunFolder) -> None:
    reading = [["runs"], ["show", run.id], ["log", run.id], ["report", run.id], ["queue"]]
    writing = [["run", "digits.job.yaml"], ["resume", run.id], ["stop", run.id], ["delete", run.id],
               ["keep", run.id, "12"], ["export", run.id, "--to", "out"]]  # fmt: skip
    for words in [*reading, *writing]:
        done = tunesmith(*words, cwd=read_only)
        assert "Traceback" not in done.stderr, (words, done.stderr)
        assert (done.returncode == 0) == (words in reading), (words, done.stdout, done.stderr)


@pytest.mark.parametrize("make", [
    lambda: torch.empty(1 << 60), lambda: np.empty(1 << 58), lambda: bytearray(1 << 62),
    lambda: (_ for _ in ()).throw(RuntimeError("CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`")),
    lambda: (_ for _ in ()).throw(torch.OutOfMemoryError("CUDA out of memory.")),
])  # fmt: skip
def test_every_kind_of_allocation_error_is_known(make: Callable[[], object]) -> None:
    with pytest.raises((MemoryError, RuntimeError, OverflowError)) as raised:
        make()
    assert is_out_of_memory(raised.value)
    found = shortage(raised.value)
    assert found is not None
    assert found.code == "run.out-of-memory"


def test_other_errors_are_not_taken_for_a_shortage() -> None:
    for error in (ValueError("out of memory"), OSError(errno.ENOENT, "no such file"), RuntimeError("shapes differ")):
        assert shortage(error) is None
