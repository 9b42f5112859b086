"""A queue is obeyed only where this user wrote it: what lies in a clone starts nothing, whoever looks at it."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from tunesmith.cli import main
from tunesmith.errors import TunesmithError
from tunesmith.runs import seal as seals
from tunesmith.runs.folder import RunFolder, all_runs, create_run, runs_root
from tunesmith.runs.queue import RunQueue
from tunesmith.runs.state import RunState


@pytest.fixture
def clone(tmp_path: Path) -> RunFolder:
    """A waiting run of a project."""
    return create_run(runs_root(tmp_path / "clone"), "steps: 10\n", name="planted")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's home without a secret."""
    home = tmp_path / "home"
    home.mkdir()
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(home))
    return home


def plant(run: RunFolder, **fields: object) -> Path:
    file = run.path.parent.parent / "queue.json"
    entry = {"run": run.id, "added": 9e9, "at": 0, "environment": {"PYTHONPATH": str(run.path), "LD_PRELOAD": "evil"}}
    file.write_text(json.dumps({"parallel": 1, "waiting": [entry], **fields}))
    return file


def was_started(run: RunFolder) -> bool:
    return run.launched_file.exists() or run.state().status != "queued"


@pytest.mark.parametrize("fields", [{}, {"seal": ""}, {"seal": "0" * 64}, {"seal": None}, {"seal": "é"}])
def test_looking_at_a_clone_starts_nothing(fields, clone, capsys):
    plant(clone, **fields)
    project = str(clone.path.parents[2])
    for words in (["queue"], ["runs"], ["show", "last"], ["queue", "--json"]):
        assert main([*words, "--project", project]) == 0
    told = capsys.readouterr()
    assert "run.foreign-queue" in told.err
    assert not was_started(clone)
    assert RunQueue(clone.path.parent).launch_next() == []
    assert RunQueue(clone.path.parent).launch_next(only_own=True) == []


def test_the_users_own_run_does_not_bring_the_planted_one_along(clone):
    file = plant(clone)
    own = create_run(clone.path.parent, "steps: 10\n", name="own")
    queue = RunQueue(clone.path.parent, worker=("true",))
    queue.add(own, environment={"ONLY_HERE": "yes"})
    assert queue.read().ids == [own.id]
    assert "LD_PRELOAD" not in file.read_text()
    assert "LD_PRELOAD" in file.with_name("queue.foreign.json").read_text()


def test_a_copied_project_names_no_launch(tmp_path):
    run = create_run(runs_root(tmp_path / "here"), "steps: 10\n", name="mine")
    RunQueue(run.path.parent).add(run, environment={"TOKEN": "secret"})
    shutil.copytree(tmp_path / "here", tmp_path / "there")
    queue = RunQueue(runs_root(tmp_path / "there"))
    assert queue.read().ids == []
    assert queue.launch_next() == []
    assert RunQueue(run.path.parent).read().ids == [run.id]


def test_a_changed_environment_is_not_obeyed(clone):
    queue = RunQueue(clone.path.parent)
    queue.add(clone, environment={"MODE": "a"})
    queue.file.write_text(queue.file.read_text().replace('"MODE": "a"', '"LD_PRELOAD": "a"'))
    problem = queue.read().problem
    assert problem is not None
    assert problem.code == "run.foreign-queue"
    assert queue.launch_next() == []


def test_another_user_does_not_obey_it(clone, home):
    queue = RunQueue(clone.path.parent)
    queue.add(clone)
    assert queue.read().ids == [clone.id]
    shutil.rmtree(home)
    home.mkdir()
    assert queue.read().ids == []
    queue.add(clone)
    assert queue.read().ids == [clone.id]


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps other users out by the folder's rights")
def test_the_secret_is_this_users_alone(clone, home):
    queue = RunQueue(clone.path.parent)
    queue.add(clone)
    secret = seals.secret_file()
    assert secret.is_relative_to(home)
    assert secret.stat().st_mode & 0o777 == 0o600
    assert [item.name for item in secret.parent.iterdir()] == ["secret"]
    secret.chmod(0o644)
    assert queue.read().ids == []
    with pytest.raises(TunesmithError) as error:
        queue.add(clone)
    assert error.value.code == "run.no-secret"


def test_a_run_paused_before_the_clock_was_set_back_keeps_waiting(clone):
    """Its state says that it was written a day from now."""
    state = RunState(status="paused", number=7, created=clone.state().created, updated=clone.state().updated + 86400)
    clone._write_state(state, durable=False)
    queue = RunQueue(clone.path.parent, worker=("true",))
    assert queue.add(clone) == 1
    assert queue.launch_next() == [clone]


def test_a_run_that_somebody_acted_on_leaves_the_queue_whatever_the_clock_says(clone, monkeypatch):
    queue = RunQueue(clone.path.parent, worker=("true",))
    queue.add(clone)
    monkeypatch.setattr("time.time", lambda: 1.0)  # 1970
    clone.set_state("stopped")
    clone.set_state("paused")
    assert queue.launch_next() == []
    assert queue.read().ids == []


def test_runs_are_still_listed_beside_a_queue_that_is_no_file(clone, capsys):
    file = clone.path.parent.parent / "queue.json"
    file.mkdir()
    assert main(["queue", "--project", str(clone.path.parents[2])]) == 0
    assert "run.damaged-queue" in capsys.readouterr().err
    assert all_runs(clone.path.parent) == [clone]
