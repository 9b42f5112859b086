"""Which checkpoints stay, and who may say so when."""

from __future__ import annotations

import fcntl
import json
import shutil
import threading
from pathlib import Path

import pytest

from support import tunesmith, wait_until
from tunesmith.errors import TunesmithError
from tunesmith.runs.folder import RunFolder, create_run, runs_root
from tunesmith.runs.kept import keep, marked, pruning, release
from tunesmith.runs.lock import exclusive


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    """A stopped run whose best checkpoint is its oldest one; it keeps the newest two."""
    made = create_run(runs_root(tmp_path), "task: regression\ncheckpoints: {keep: 2}\n", name="prices")
    for step in (10, 20, 30, 40):
        (made.checkpoints_folder / f"step-{step}").mkdir()
    made.set_state("stopped", best={"metric": "mae", "value": 0.5, "step": 10})
    return made


def kept_as(run: RunFolder, folder: Path) -> dict[str, list[str]]:
    """What `show --json` says."""
    shown = json.loads(tunesmith("show", run.id, "--json", cwd=folder).stdout)
    return {checkpoint["name"]: checkpoint["kept"] for checkpoint in shown["checkpoints"]}


def test_each_checkpoint_is_shown_with_why_it_stays(run: RunFolder, tmp_path: Path) -> None:
    for step in ("best", "step-20"):
        assert tunesmith("keep", "last", step, cwd=tmp_path).returncode == 0
    assert kept_as(run, tmp_path) == {
        "step-40": ["newest"],
        "step-30": ["newest"],
        "step-20": ["user"],
        "step-10": ["best", "user"],
    }
    page = tunesmith("show", "last", cwd=tmp_path).stdout
    assert "kept as the best, yours" in page
    released = tunesmith("keep", "last", "10", "--undo", cwd=tmp_path)
    assert "stays as the best" in released.stdout
    assert "next checkpoint" in tunesmith("keep", "last", "20", "--undo", cwd=tmp_path).stdout
    assert kept_as(run, tmp_path) == {"step-40": ["newest"], "step-30": ["newest"], "step-20": [], "step-10": ["best"]}


@pytest.mark.parametrize("words", [["7"], ["step-7"], ["7", "--undo"], ["oldest"]])
def test_a_checkpoint_that_is_not_there_is_refused_with_those_that_are(
    words: list[str], run: RunFolder, tmp_path: Path
) -> None:
    done = tunesmith("keep", "last", *words, cwd=tmp_path)
    assert (done.returncode, "error[run.no-such-checkpoint]" in done.stderr) == (2, True), done.stderr
    assert "step-40, step-30, step-20, step-10" in done.stderr
    assert marked(run) == frozenset()


def test_a_run_without_checkpoints_says_so(tmp_path: Path) -> None:
    create_run(runs_root(tmp_path), "task: regression\n")
    for step in ("newest", "best", "3"):
        done = tunesmith("keep", "last", step, cwd=tmp_path)
        assert (done.returncode, "has no checkpoint yet" in done.stderr) == (2, True), done.stderr


def test_a_mark_can_be_set_and_taken_away_twice_and_outlives_its_checkpoint(run: RunFolder) -> None:
    keep(run, 20)
    keep(run, 20)
    shutil.rmtree(run.checkpoints_folder / "step-20")
    assert marked(run) == {20}
    release(run, 20)
    assert marked(run) == frozenset()
    release(run, 30)


def test_nobody_marks_while_a_worker_looks_what_may_go(run: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    flock = fcntl.flock

    def counted(handle: int, how: int) -> None:
        if threading.current_thread() is asking:
            asked.append(how)
        flock(handle, how)

    refused: list[TunesmithError] = []

    def ask() -> None:
        try:
            keep(run, 20)
        except TunesmithError as error:
            refused.append(error)

    asking = threading.Thread(target=ask)
    monkeypatch.setattr(fcntl, "flock", counted)
    with pruning(run) as kept:
        assert kept == frozenset()
        asking.start()
        wait_until(lambda: len(asked) > 1)  # it has tried, and tries again
        assert marked(run) == frozenset()
        shutil.rmtree(run.checkpoints_folder / "step-20")
    asking.join(30)
    assert [error.code for error in refused] == ["run.no-such-checkpoint"]
    assert marked(run) == frozenset()


def test_while_somebody_marks_a_worker_is_told_nothing(run: RunFolder) -> None:
    keep(run, 20)
    with exclusive(run.checkpoints_folder / "lock"), pruning(run) as kept:
        assert kept is None
    with pruning(run) as kept:
        assert kept == {20}
