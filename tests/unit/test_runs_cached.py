"""What is kept of runs between two looks: never anything that a fresh look would not find."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from support import wait_until
from tunesmith.runs import cached, folder, state
from tunesmith.runs.cached import CachedRead, CachedRuns, is_settled, stamp_of
from tunesmith.runs.folder import all_runs, create_run, runs_root
from tunesmith.runs.process import Process
from tunesmith.runs.series import RECORD
from tunesmith.runs.trash import delete

TICK_NS = 20_000_000  # no disk that tests run on has a coarser clock


@pytest.fixture
def root(tmp_path):
    return runs_root(tmp_path)


@pytest.fixture
def settles_soon(monkeypatch):
    monkeypatch.setattr(cached, "SETTLED_NS", TICK_NS)


def settle(*paths):
    wait_until(lambda: is_settled([stamp_of(str(path)) for path in paths], time.time_ns()))


def fresh(root):
    """All there is to know, read anew."""
    return [(run.id, run.path, run.state(), run.duration_s()) for run in all_runs(root)]


def remembered(runs):
    return [(run.id, run.path, run.state(), run.duration_s()) for run in runs.all()]


def in_place(run, step):
    """The same file with another step, of the same size and the same number."""
    content = state.encode(state.from_mapping({**run.stored_state().state.to_mapping(), "step": step}))
    with run.state_file.open("r+b") as file:
        file.write(content)
        file.truncate()


class Reader:
    def __init__(self, path):
        self.path, self.times = path, 0

    def __call__(self):
        self.times += 1
        return self.path.read_text()


def test_a_file_is_read_again_only_when_it_has_changed(tmp_path, settles_soon):
    path = tmp_path / "file"
    read, reading = Reader(path), CachedRead(str(path))
    path.write_text("a")
    settle(path)
    assert [reading.get(read) for _ in range(3)] == ["a"] * 3
    assert read.times == 1
    path.write_text("b")
    settle(path)
    assert [reading.get(read) for _ in range(3)] == ["b"] * 3
    assert read.times == 2


def test_what_was_written_a_moment_ago_is_not_kept(tmp_path):
    """It may be written again within the same tick of the clock."""
    path = tmp_path / "file"
    path.write_text("a")
    read, reading = Reader(path), CachedRead(str(path))
    for _ in range(3):
        reading.get(read)
    assert read.times == 3


def test_a_file_of_the_future_is_not_kept(tmp_path, settles_soon):
    """The clock was put back since: one day it shows the same time again."""
    path = tmp_path / "file"
    path.write_text("a")
    os.utime(path, (time.time() + 3600,) * 2)
    settle(tmp_path)
    read, reading = Reader(path), CachedRead(str(path))
    for _ in range(3):
        reading.get(read)
    assert read.times == 3


def test_a_file_with_a_time_that_was_set_back_has_changed(tmp_path, settles_soon):
    path = tmp_path / "file"
    path.write_text("a")
    times = path.stat()
    settle(path)
    read, reading = Reader(path), CachedRead(str(path))
    assert reading.get(read) == "a"
    with path.open("r+") as file:
        file.write("b")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert reading.get(read) == "b"


def test_a_file_that_comes_and_goes_is_noticed(tmp_path, settles_soon):
    path = tmp_path / "file"
    reading = CachedRead(str(path))
    for _ in range(2):
        assert reading.get(path.exists) is False
        path.touch()
        settle(path)
        assert reading.get(path.exists) is True
        path.unlink()


def test_many_writes_within_a_tick_are_all_seen(root):
    run = create_run(root, "steps: 1\n", name="a")
    run.set_state("stopped", step=1000)
    runs = CachedRuns(root)
    for step in range(1001, 1300):
        in_place(run, step)
        assert [each.state().step for each in runs.all()] == [step]
        run.set_state("stopped", step=step + 1000)
        assert [each.state().step for each in runs.all()] == [step + 1000]


def test_a_worker_that_dies_makes_its_run_lost_though_no_file_changes(root, settles_soon):
    sleeper = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        process = Process.of(sleeper.pid)
        running, launched = (create_run(root, "steps: 1\n", name=name) for name in ("running", "launched"))
        running.set_state("running", **state.at_work(process))
        launched.set_launched(process)
        settle(running.state_file, launched.launched_file)
        runs = CachedRuns(root)
        for _ in range(2):
            assert {run.state().status for run in runs.all()} == {"running", "queued"}
    finally:
        sleeper.kill()
        sleeper.wait()
    assert {run.state().status for run in runs.all()} == {"lost"}


def test_an_unchanged_run_stays_the_same_object(root):
    create_run(root, "steps: 1\n", name="a")
    runs = CachedRuns(root)
    [first], [second] = runs.all(), runs.all()
    assert first is second


class Remembered(RuleBasedStateMachine):
    """Whatever happens to the folder, what is remembered is what is there."""

    @initialize()
    def begin(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = runs_root(Path(self.folder.name))
        self.runs = CachedRuns(self.root)
        self.elsewhere = Path(self.folder.name) / "elsewhere"
        self.elsewhere.mkdir()
        self.made = 0

    def there(self, choice):
        found = all_runs(self.root)
        return found[choice % len(found)] if found else None

    @rule(second=st.integers(0, 3), name=st.sampled_from(["a", "b"]))
    def create(self, second, name):
        self.made += 1
        create_run(self.root, "steps: 1\n", name=name, now=1.7e9 + second + self.made / 1000)

    @rule(choice=st.integers(0, 9), status=st.sampled_from(["queued", "running", "stopped"]), step=st.integers(10, 99))
    def set_state(self, choice, status, step):
        if run := self.there(choice):
            run.set_state(status, step=step)

    @rule(choice=st.integers(0, 9), step=st.integers(10, 99), keep_times=st.booleans())
    def write_in_place(self, choice, step, keep_times):
        if (run := self.there(choice)) and not run.stored_state().state.damage:
            times = run.state_file.stat()
            in_place(run, step)
            if keep_times:
                os.utime(run.state_file, ns=(times.st_atime_ns, times.st_mtime_ns))

    @rule(choice=st.integers(0, 9), hours=st.sampled_from([-1, 1]))
    def change_times(self, choice, hours):
        if run := self.there(choice):
            for path in (run.path, run.state_file, self.root):
                if path.exists():
                    os.utime(path, (time.time() + 3600 * hours,) * 2)

    @rule(choice=st.integers(0, 9), seconds=st.lists(st.integers(0, 99), max_size=3))
    def write_loss(self, choice, seconds):
        if run := self.there(choice):
            records = [RECORD.pack(step, float(second), 0.5) for step, second in enumerate(seconds)]
            run.series_file("loss").write_bytes(b"".join(records))

    @rule(choice=st.integers(0, 9), content=st.sampled_from([None, b"", b"{}"]))
    def damage(self, choice, content):
        if run := self.there(choice):
            run.state_file.unlink(missing_ok=True)
            if content is not None:
                run.state_file.write_bytes(content)

    @rule(choice=st.integers(0, 9), step=st.integers(10, 99))
    def tell(self, choice, step):
        if run := self.there(choice):
            run.recorder().event("evaluation", step=step, metrics={})

    @rule(choice=st.integers(0, 9), lives=st.booleans())
    def launch(self, choice, lives):
        if run := self.there(choice):
            me = Process.current()
            run.set_launched(me if lives else Process(pid=2**22 + 1, started=me.started, host=me.host))

    @rule(choice=st.integers(0, 9), way=st.sampled_from(["trash", "remove", "job"]))
    def go(self, choice, way):
        run = self.there(choice)
        if run is None:
            return
        if way == "trash" and run.state().status not in ("running", "queued"):
            delete(run)
        elif way == "remove":
            shutil.rmtree(run.path)
        else:
            run.job_file.unlink()

    @rule(choice=st.integers(0, 9))
    def move_and_link(self, choice):
        if (run := self.there(choice)) and run.path.parent == self.root.resolve():
            target = run.path.rename(self.elsewhere / f"{run.id}-{len(list(self.elsewhere.iterdir()))}")
            (self.root / run.id).symlink_to(target, target_is_directory=True)

    @rule(one=st.integers(0, 9), other=st.integers(0, 9))
    def swap(self, one, other):
        first, second = self.there(one), self.there(other)
        if first is not None and second is not None and first != second:
            first.path.rename(self.elsewhere / "swapped")
            second.path.rename(first.path)
            (self.elsewhere / "swapped").rename(second.path)

    @precondition(lambda self: self.root.exists())
    @rule()
    def put_another_folder_of_runs_in_its_place(self):
        self.root.rename(self.elsewhere / f"runs-{len(list(self.elsewhere.iterdir()))}")

    @precondition(lambda self: self.root.exists())
    @rule()
    def settle(self):
        """So that what was read is kept from now on, but for what comes from the future."""
        now = time.time_ns()
        wait_until(lambda: time.time_ns() - now > 2 * TICK_NS)

    @invariant()
    def remembers_what_is_there(self):
        if hasattr(self, "root"):
            assert remembered(self.runs) == fresh(self.root)

    def teardown(self):
        if hasattr(self, "folder"):
            self.folder.cleanup()


@pytest.mark.usefixtures("settles_soon")
class TestRemembered(Remembered.TestCase):
    settings = settings(
        max_examples=30,
        stateful_step_count=30,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )


def test_an_id_is_found_without_a_look_at_other_runs(root, monkeypatch):
    one = create_run(root, "", name="a")
    monkeypatch.setattr(folder, "all_runs", None)
    assert folder.find_run(root, one.id) == one
