"""Stop, pause, signals and two commands at once: a checkpoint first, then exit; nothing is lost."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from real_workers import ForkServer, new_run, outcome
from support import tunesmith, wait_until, write_text_job
from tunesmith.runs.folder import RunFolder

RHYTHM = (
    "training: {epochs: 12, batch_size: 8, learning_rate: 0.001, max_steps: 120}",
    "evaluation: {every: 40 steps}",
    "checkpoints: {every: 60 steps, keep: 3}",
)


@pytest.fixture
def job(library_csv: Path, tiny_bert: Path, tmp_path: Path) -> Path:
    return write_text_job(tmp_path, library_csv, tiny_bert, *RHYTHM)


@pytest.fixture(scope="module")
def expected(
    workers: ForkServer, library_csv: Path, tiny_bert: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, object]:
    run = workers.finish(new_run(write_text_job(tmp_path_factory.mktemp("whole"), library_csv, tiny_bert, *RHYTHM)))
    return outcome(run)


def begun(run: RunFolder) -> bool:
    return run.state().status == "running" and run.series_file("loss").exists()


@pytest.mark.parametrize("how", ["SIGTERM", "SIGINT", "stop", "pause"])
def test_asked_to_end_it_saves_first_and_resumes_exactly(
    how: str, job: Path, workers: ForkServer, expected: dict[str, object]
) -> None:
    run = new_run(job)
    pid = workers.start(run)
    wait_until(lambda: begun(run))
    if how.startswith("SIG"):
        os.kill(pid, signal.Signals[how])
    else:
        run.request({"command": how})
    assert workers.wait().status == 0, run.log_file.read_text()

    state = run.state()
    assert state.status == ("paused" if how == "pause" else "stopped")
    assert run.checkpoints()[0].name == f"step-{state.step}"
    assert 0 < state.step < 120
    workers.finish(run)
    assert outcome(run)["files"] == expected["files"]
    assert outcome(run)["series"] == expected["series"]


def test_a_second_command_on_a_running_run_is_told_who_holds_it(job: Path, workers: ForkServer) -> None:
    run = new_run(job)
    pid = workers.start(run)
    wait_until(lambda: begun(run))
    second = tunesmith("resume", run.id, cwd=job.parent)
    assert second.returncode == 2
    assert "run.held" in second.stderr
    assert str(pid) in second.stderr
    run.request({"command": "stop"})
    assert workers.wait().status == 0


def test_a_run_outlives_the_command_that_started_it(job: Path) -> None:
    long = ("--set", "training.epochs=5000", "--set", "training.max_steps=100000")
    started = tunesmith("run", str(job), "--detach", "--name", "night", *long, cwd=job.parent)
    assert started.returncode == 0, started.stderr
    listed = tunesmith("runs", cwd=job.parent)
    assert "night" in listed.stdout
    root = job.parent / ".tunesmith" / "runs"
    (folder,) = [item for item in root.iterdir() if item.is_dir() and not item.name.startswith(".")]
    run = RunFolder(folder)
    wait_until(lambda: begun(run), 60)
    assert tunesmith("show", "last", cwd=job.parent).returncode == 0
    assert tunesmith("stop", "last", cwd=job.parent).returncode == 0
    wait_until(lambda: run.state().status == "stopped", 30)
    followed = tunesmith("log", "last", "--follow", cwd=job.parent)
    assert followed.returncode == 0
    assert "worker began" in followed.stdout
