"""A checkpoint that a user keeps outlives pruning, kill -9 and resume, until the user lets it go."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

from real_workers import ForkServer, new_run
from support import tunesmith, wait_until, write_digits_job
from tunesmith.errors import TunesmithError
from tunesmith.runs.folder import RunFolder
from tunesmith.runs.kept import keep, marked
from tunesmith.train.checkpoint import verify

ENDLESS = ("training: {epochs: 50000, batch_size: 32}", "evaluation: {every: 1000000 steps}")


def steps_of(run: RunFolder) -> list[int]:
    return [int(folder.name[5:]) for folder in run.checkpoints()]


def gone_past(run: RunFolder, step: int, kept: int) -> bool:
    """Whether all checkpoints but the kept one are newer than `step`: the worker has pruned since then."""
    others = [other for other in steps_of(run) if other != kept]
    return len(others) > 1 and min(others) > step


def test_a_kept_checkpoint_outlives_pruning_kill_and_resume(workers: ForkServer, tmp_path: Path) -> None:
    run = new_run(write_digits_job(tmp_path, *ENDLESS, "checkpoints: {every: 100 steps, keep: 2}"))
    pid = workers.start(run)
    wait_until(lambda: len(steps_of(run)) > 1, 60)
    told = tunesmith("keep", run.id, "newest", "--json", cwd=tmp_path)
    assert told.returncode == 0, told.stderr
    said = json.loads(told.stdout)
    step = said["step"]
    assert (said["checkpoint"], "user" in said["kept"]) == (f"step-{step}", True)
    wait_until(lambda: gone_past(run, step, step), 60)
    assert step in steps_of(run)

    os.kill(pid, signal.SIGKILL)
    assert workers.wait().killed
    newest = max(steps_of(run))
    workers.start(run)
    wait_until(lambda: gone_past(run, newest, step), 60)
    verify(run.checkpoints_folder / f"step-{step}")
    page = tunesmith("show", run.id, cwd=tmp_path).stdout.splitlines()
    (line,) = [line for line in page if line.split()[:1] == [f"step-{step}"]]
    assert "kept as yours" in line

    done = tunesmith("keep", run.id, str(step), "--undo", cwd=tmp_path)
    assert (done.returncode, f"no longer keep step-{step}" in done.stdout) == (0, True), done.stderr
    wait_until(lambda: step not in steps_of(run), 60)
    assert marked(run) == frozenset()
    run.request({"command": "stop"})
    assert workers.wait().status == 0, run.log_file.read_text()


def test_what_was_said_to_be_kept_is_there_though_the_worker_prunes_at_every_step(
    workers: ForkServer, tmp_path: Path
) -> None:
    run = new_run(write_digits_job(tmp_path, *ENDLESS, "checkpoints: {every: 1 steps, keep: 1}"))
    workers.start(run)
    wait_until(lambda: steps_of(run), 60)
    kept: set[int] = set()
    gone: set[int] = set()
    for _ in range(1_000_000):
        for step in sorted(set(steps_of(run)) - kept - gone):  # the oldest first: the one that goes next
            try:
                keep(run, step)
            except TunesmithError as refused:  # noqa: PERF203 - one at a time
                assert refused.code == "run.no-such-checkpoint"
                gone.add(step)
            else:
                kept.add(step)
        if len(kept) + len(gone) >= 40:
            break
    run.request({"command": "stop"})
    assert workers.wait().status == 0, run.log_file.read_text()
    assert len(kept) + len(gone) >= 40
    assert marked(run) == kept
    there = set(steps_of(run))
    assert kept - there == set()
    assert gone & there == set()
    assert there - kept <= {max(there)}
