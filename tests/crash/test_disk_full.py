"""A full disk pauses a run: nothing older is lost, and it goes on when there is room.

The disk is a limit on the size of files here (RLIMIT_FSIZE), which the operating system enforces on every write as a
full disk would; a test with a small real file system follows where one may be mounted.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from real_workers import ForkServer, new_run, outcome, read
from support import wait_until, write_text_job

RHYTHM = (
    "training: {epochs: 1, batch_size: 16, learning_rate: 0.001, max_steps: 20}",
    "evaluation: {every: 10 steps}",
    "checkpoints: {every: 5 steps, keep: 3}",
)


def test_no_room_for_a_checkpoint_pauses_and_resume_goes_on(
    workers: ForkServer, library_csv: Path, tiny_bert: Path, tmp_path: Path
) -> None:
    for name in ("whole", "full"):
        (tmp_path / name).mkdir()
    whole = workers.finish(new_run(write_text_job(tmp_path / "whole", library_csv, tiny_bert, *RHYTHM)))

    run = new_run(write_text_job(tmp_path / "full", library_csv, tiny_bert, *RHYTHM))
    pid = workers.start(run, file_limit=100_000)  # series and state fit, the optimizer's state does not
    wait_until(lambda: run.state().status == "paused" and "disk is full" in run.state().message, 30)
    assert Path(f"/proc/{pid}").exists(), "it waits, with everything in memory"
    run.request({"command": "stop"})
    assert workers.wait().status == 1
    assert run.state().status == "paused"

    workers.finish(run)
    assert outcome(run) == outcome(whole)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 MB, where this process may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if os.geteuid() != 0 or mounted.returncode != 0:
        pytest.skip("mounting a file system needs root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_really_full_disk_pauses_the_run_and_room_lets_it_go_on_by_itself(
    small_disk: Path, workers: ForkServer, library_csv: Path, tiny_bert: Path
) -> None:
    ballast = small_disk / "ballast"
    run = new_run(write_text_job(small_disk, library_csv, tiny_bert, *RHYTHM))
    ballast.write_bytes(b"\0" * 1_500_000)
    workers.start(run)
    wait_until(lambda: run.state().status == "paused" and "disk is full" in run.state().message, 30)
    ballast.unlink()
    assert workers.wait().status == 0, run.log_file.read_text()
    state = run.state()
    assert (state.status, state.extra["error"]) == ("finished", None)
    steps = [int(step) for step in read(run, "loss")["step"]]
    assert steps == list(range(1, (state.total_steps or 0) + 1))
