"""The list of runs of a real server that has listed them before: what it says is what lies in the folders now."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

from server_client import serving
from support import wait_until
from tunesmith.runs import state
from tunesmith.runs.cached import SETTLED_NS, is_settled, stamp_of
from tunesmith.runs.folder import RunFolder, create_run, runs_root
from tunesmith.runs.process import Process
from tunesmith.runs.series import RECORD, SeriesWriter
from tunesmith.runs.trash import delete


@pytest.fixture
def root(tmp_path):
    return runs_root(tmp_path)


@pytest.fixture
def three(root):
    """Runs that ended, the newest last."""
    runs = [create_run(root, "task: nothing\n", name=name, now=1.7e9 + at) for at, name in enumerate("abc")]
    for run in runs:
        run.set_state("stopped", step=100)
    return runs


def listed(server):
    return {each["name"]: (each["status"], each["step"]) for each in server.ask("tunesmith/runs")["runs"]}


def told(server):
    """The last that the client heard of each run without asking."""
    heard = server.heard("tunesmith/runChanged")
    return {
        each["run"]["name"]: (each["run"]["status"], each["run"]["step"], each.get("gone", False)) for each in heard
    }


def in_place(run, step):
    """Another step in the very same file, of the same size, as on a full disk."""
    content = state.encode(state.from_mapping({**run.stored_state().state.to_mapping(), "step": step}))
    assert len(content) == run.state_file.stat().st_size
    with run.state_file.open("r+b") as file:
        file.write(content)


def settle(*paths):
    """Wait until the server may keep what it reads of these files."""
    wait_until(lambda: is_settled([stamp_of(str(path)) for path in paths], time.time_ns()), 2 * SETTLED_NS / 1e9)


@contextmanager
def worker_of(run):
    """A process that counts as the run's worker, and is killed at the end."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        known = Process.of(process.pid)
        run.set_state("running", **state.at_work(known))
        yield process
    finally:
        process.kill()
        process.wait()


def test_changes_of_runs_that_were_listed_before_are_listed_and_reported(tmp_path, three):
    settle(*(run.state_file for run in three))
    with serving(tmp_path) as server:
        for _ in range(2):
            assert list(listed(server)) == ["c", "b", "a"]
        for step in (101, 102, 103):
            three[1].set_state("stopped", step=step)
            assert listed(server)["b"] == ("stopped", step)
        wait_until(lambda: told(server) == {"b": ("stopped", 103, False)})


def test_what_changes_right_behind_the_first_answer_is_reported(tmp_path, root):
    runs = [create_run(root, "task: nothing\n", name=str(at), now=1.7e9 + at) for at in range(200)]
    with serving(tmp_path) as server:
        assert server.ask("tunesmith/runs", {"limit": 1})["runs"][0]["name"] == "199"
        runs[-1].set_state("stopped", step=7)
        wait_until(lambda: told(server) == {"199": ("stopped", 7, False)})


def test_writes_of_the_same_size_within_a_tick_are_all_listed_and_the_last_is_reported(tmp_path, three):
    """Of a state file whose time, size and number stay the same, too."""
    with serving(tmp_path) as server:
        for step in range(101, 201):
            in_place(three[0], step)
            assert listed(server)["a"] == ("stopped", step)
            three[1].set_state("stopped", step=step)
            assert listed(server)["b"] == ("stopped", step)
        for step in (900, 901, 902):
            in_place(three[0], step)
        wait_until(lambda: told(server).get("a") == ("stopped", 902, False))
        wait_until(lambda: told(server).get("b") == ("stopped", 200, False))


@pytest.mark.parametrize("hours", [-1, 1])
def test_files_with_times_of_a_clock_that_was_changed_are_listed_as_they_are(tmp_path, root, three, hours):
    def set_clock(run):
        for path in (run.state_file, run.path, root):
            os.utime(path, (1.7e9 + 3600 * hours,) * 2 if hours < 0 else (time.time() + 3600,) * 2)

    for run in three:
        set_clock(run)
    settle(*(run.job_file for run in three))
    with serving(tmp_path) as server:
        assert listed(server)["a"] == ("stopped", 100)
        for step in (101, 102, 103):
            in_place(three[0], step)
            set_clock(three[0])  # as before, to the nanosecond or nearly so
            assert listed(server)["a"] == ("stopped", step)
        wait_until(lambda: told(server).get("a") == ("stopped", 103, False))
        made = create_run(root, "task: nothing\n", name="d")
        set_clock(made)
        assert "d" in listed(server)
        wait_until(lambda: told(server).get("d") == ("queued", 0, False))
        delete(three[2])
        set_clock(three[0])
        assert "c" not in listed(server)
        wait_until(lambda: told(server).get("c") == ("stopped", 100, True))


def test_a_worker_that_is_killed_is_lost_in_the_next_list_though_no_file_changes(tmp_path, three):
    with serving(tmp_path) as server, worker_of(three[0]) as process:
        settle(three[0].state_file)
        for _ in range(2):
            assert listed(server)["a"] == ("running", 100)
        before = stamp_of(str(three[0].state_file))
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert listed(server)["a"] == ("lost", 100)
        wait_until(lambda: told(server).get("a") == ("lost", 100, False))
        assert server.ask("tunesmith/queue")["running"] == []
        assert stamp_of(str(three[0].state_file)) == before


def test_a_run_that_is_resumed_elsewhere_is_listed_told_and_takes_the_device(tmp_path, three):
    settle(*(run.state_file for run in three))
    with serving(tmp_path) as server:
        assert server.ask("tunesmith/queue")["running"] == []
        with worker_of(three[2]):
            assert listed(server)["c"] == ("running", 100)
            assert server.ask("tunesmith/queue")["running"] == [three[2].id]
            wait_until(lambda: told(server).get("c") == ("running", 100, False))
            wait_until(lambda: server.heard("tunesmith/queueChanged")[-1:])
            assert server.heard("tunesmith/queueChanged")[-1]["queue"]["running"] == [three[2].id]
            three[2].set_state("finished")
            wait_until(lambda: server.heard("tunesmith/queueChanged")[-1]["queue"]["running"] == [])


def test_runs_that_are_deleted_moved_and_exchanged_are_listed_as_they_lie(tmp_path, root, three):
    a, b, c = three
    settle(*(run.state_file for run in three))
    with serving(tmp_path) as server:
        assert list(listed(server)) == ["c", "b", "a"]
        delete(a)
        assert list(listed(server)) == ["c", "b"]
        shutil.rmtree(b.path)
        assert list(listed(server)) == ["c"]
        moved = RunFolder(c.path.rename(root / c.id.replace("-c-", "-moved-")))
        runs = server.ask("tunesmith/runs")["runs"]
        assert [(each["id"], each["path"]) for each in runs] == [(moved.id, str(moved.path))]
        # Another run takes its name: a copy with all its times and sizes but one number.
        other = tmp_path / "other"
        shutil.copytree(moved.path, other)
        in_place(RunFolder(other), 555)
        times = moved.state_file.stat()
        os.utime(other / "state.json", ns=(times.st_atime_ns, times.st_mtime_ns))
        moved.path.rename(tmp_path / "gone")
        other.rename(moved.path)
        assert listed(server) == {"c": ("stopped", 555)}
        moved.path.rename(tmp_path / "other")
        (tmp_path / "gone").rename(moved.path)
        assert listed(server) == {"c": ("stopped", 100)}
        wait_until(
            lambda: {name: gone for name, (*_, gone) in told(server).items() if name != "c"} == {"a": True, "b": True}
        )
        ids = lambda: {each["run"]["id"]: each.get("gone", False) for each in server.heard("tunesmith/runChanged")}  # noqa: E731
        wait_until(lambda: (ids().get(c.id), ids().get(moved.id)) == (True, False))


def test_the_folder_of_runs_may_be_moved_away_and_be_a_link_to_another_one(tmp_path, root, three):
    with serving(tmp_path) as server:
        assert len(listed(server)) == 3
        root.rename(tmp_path / "first")
        assert listed(server) == {}
        wait_until(lambda: {name for name, (*_, gone) in told(server).items() if gone} == {"a", "b", "c"})
        shutil.copytree(tmp_path / "first", tmp_path / "second")
        for run in three:
            in_place(RunFolder(tmp_path / "second" / run.id), 777)
        root.symlink_to(tmp_path / "first", target_is_directory=True)
        assert set(listed(server).values()) == {("stopped", 100)}
        root.unlink()
        root.symlink_to(tmp_path / "second", target_is_directory=True)
        assert set(listed(server).values()) == {("stopped", 777)}
        paths = {each["path"] for each in server.ask("tunesmith/runs")["runs"]}
        assert paths == {str((tmp_path / "second" / run.id).resolve()) for run in three}
        wait_until(lambda: set(told(server).values()) == {("stopped", 777, False)})


def test_a_run_whose_state_is_damaged_follows_its_events(tmp_path, three):
    with serving(tmp_path) as server:
        three[0].state_file.write_bytes(b"{")
        settle(three[0].state_file, three[0].events_file)
        for step in (200, 300):
            assert listed(server)["a"][1] != step
            three[0].recorder().event("evaluation", step=step, metrics={})
            assert listed(server)["a"] == ("stopped", step)
        three[0].set_state("finished", step=400)
        assert listed(server)["a"] == ("finished", 400)


def test_the_duration_is_that_of_the_last_record_also_where_a_resume_took_some_back(tmp_path, three):
    run = three[0]

    def record(first, last, pace_s):
        writer = SeriesWriter(run.series_file("loss"))
        for step in range(first, last + 1):
            writer.append((step, step * pace_s, 0.5))
        writer.flush()
        writer.close()

    def duration():
        return {each["name"]: each.get("durationS") for each in server.ask("tunesmith/runs")["runs"]}["a"]

    with serving(tmp_path) as server:
        assert duration() is None
        record(1, 10, 1.0)
        assert duration() == 10.0
        settle(run.series_file("loss"))
        assert duration() == duration() == 10.0
        SeriesWriter(run.series_file("loss")).cut(4)
        record(5, 10, 2.0)
        assert run.series_file("loss").stat().st_size == 10 * RECORD.size
        assert duration() == 20.0
        run.series_file("loss").unlink()
        assert duration() is None
