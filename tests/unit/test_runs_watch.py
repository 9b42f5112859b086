"""Watching runs from outside: what appears, changes and goes, and what is new in one of them."""

from __future__ import annotations

import math
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from support import wait_until
from tunesmith.runs import follow, state
from tunesmith.runs.cached import CachedRuns
from tunesmith.runs.folder import create_run, runs_root
from tunesmith.runs.follow import RunFollower, SeriesFollower
from tunesmith.runs.process import Process
from tunesmith.runs.series import RECORD, SeriesWriter, read_series
from tunesmith.runs.trash import delete
from tunesmith.runs.watch import RunsWatch


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def told(watch):
    return [(change.run.id[16:-5], change.state.status, change.gone) for change in watch.look()]


def test_runs_appear_change_and_go(tmp_path):
    root = runs_root(tmp_path)
    watch = RunsWatch(CachedRuns(root))
    assert watch.look() == []
    run = create_run(root, "steps: 1\n", name="a")
    assert told(watch) == [("a", "queued", False)]
    assert watch.look() == []
    run.set_state("running", step=3)
    assert told(watch) == [("a", "running", False)]
    run.set_state("running", step=4)
    [change] = watch.look()
    assert change.state.step == 4
    run.set_state("finished")
    assert told(watch) == [("a", "finished", False)]
    delete(run)
    assert told(watch) == [("a", "finished", True)]
    assert watch.look() == []
    assert watch.state(run.id) is None


def test_a_run_made_before_the_first_look_is_seen_at_it(tmp_path):
    root = runs_root(tmp_path)
    create_run(root, "steps: 1\n", name="a")
    create_run(root, "steps: 1\n", name="b")
    watch = RunsWatch(CachedRuns(root))
    assert sorted(told(watch)) == [("a", "queued", False), ("b", "queued", False)]


def test_a_worker_that_died_makes_its_run_lost(tmp_path):
    clock = Clock()
    run = create_run(runs_root(tmp_path), "steps: 1\n", name="a")
    me = Process.current()
    run.set_state("running")
    watch = RunsWatch(CachedRuns(runs_root(tmp_path)), clock=clock)
    assert told(watch) == [("a", "running", False)]
    run.set_state("running", pid=2**22 + 1, process_started=me.started, host=me.host)
    assert told(watch) == [("a", "lost", False)]


def test_a_silent_death_is_noticed_without_any_change_of_a_file(tmp_path):
    clock = Clock()
    sleeper = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        process = Process.of(sleeper.pid)
        run = create_run(runs_root(tmp_path), "steps: 1\n", name="a")
        run.set_state("running", **state.at_work(process))
        watch = RunsWatch(CachedRuns(runs_root(tmp_path)), clock=clock)
        assert told(watch) == [("a", "running", False)]
    finally:
        sleeper.kill()
        sleeper.wait()
    assert watch.look() == []  # asked a moment ago
    clock.now += 2
    assert told(watch) == [("a", "lost", False)]


def test_ended_runs_are_looked_at_in_turns_and_expected_ones_at_once(tmp_path):
    root = runs_root(tmp_path)
    runs = [create_run(root, "steps: 1\n", name=f"r{number}") for number in range(10)]
    for run in runs:
        run.set_state("finished")
    watch = RunsWatch(CachedRuns(root), quiet_at_once=3)
    assert len(watch.look()) == 10
    for run in runs:
        run.set_state("queued")
    seen = [len(watch.look()) for _ in range(4)]
    assert seen == [3, 3, 3, 1]
    for run in runs:
        run.set_state("finished")
    assert len(watch.look()) == 10  # those that wait are looked at every time
    runs[9].set_state("stopped")
    watch.expect(runs[9].id)
    assert told(watch) == [("r9", "stopped", False)]


def test_what_is_only_further_on_does_not_turn(tmp_path):
    root = runs_root(tmp_path)
    run = create_run(root, "steps: 1\n", name="a")
    watch = RunsWatch(CachedRuns(root))
    turns = []
    for status, step in (("running", 1), ("running", 2), ("finished", 2)):
        run.set_state(status, step=step)
        turns += [(change.state.step, change.turns) for change in watch.look()]
    assert turns == [(1, True), (2, False), (2, True)]


# --- one run


def write(run, name, records):
    writer = SeriesWriter(run.series_file(name))
    for record in records:
        writer.append(record)
    writer.flush()
    writer.close()


def test_a_follower_tells_what_is_new_and_nothing_twice(tmp_path):
    run = create_run(runs_root(tmp_path), "steps: 1\n", name="a")
    write(run, "loss", [(1, 1.0, 0.5)])
    follower = RunFollower(run, log=True)
    assert (follower.seen, follower.event, follower.log_offset) == ({"loss": 1}, 1, 0)
    assert not follower.new()
    write(run, "loss", [(2, 2.0, 0.25), (3, 3.0, 0.125)])
    write(run, "rate", [(1, 1.0, 9.0)])
    run.recorder().event("evaluation", step=3, metrics={"accuracy": 1.0})
    run.log_file.write_text("hello\n")
    news = follower.new()
    assert sorted(news.series) == ["loss", "rate"]
    loss = news.series["loss"]
    assert (loss.first, loss.records, loss.step, loss.seconds, loss.value) == (1, 3, (2, 3), (2.0, 3.0), (0.25, 0.125))
    assert [(number, event["kind"]) for number, event in news.events] == [(2, "evaluation")]
    assert (news.log.text, news.log.offset, news.log.end, news.log.skipped) == ("hello\n", 0, 6, 0)
    assert not follower.new()


def test_a_follower_begins_where_it_is_asked_to(tmp_path):
    run = create_run(runs_root(tmp_path), "steps: 1\n", name="a")
    write(run, "loss", [(step, float(step), 0.5) for step in range(1, 11)])
    write(run, "rate", [(1, 1.0, 9.0)])
    run.log_file.write_text("one\ntwo\n")
    follower = RunFollower(run, names=["loss"], seen={"loss": 7}, after_event=0, log=True, log_offset=4)
    assert (follower.seen, follower.event, follower.log_offset) == ({"loss": 7}, 0, 4)
    news = follower.new()
    assert news.series["loss"].step == (8, 9, 10)
    assert list(news.series) == ["loss"]
    assert [(number, event["kind"]) for number, event in news.events] == [(1, "state")]
    assert news.log.text == "two\n"


def test_who_knows_more_records_than_there_are_is_told_so(tmp_path):
    run = create_run(runs_root(tmp_path), "steps: 1\n", name="a")
    write(run, "loss", [(step, float(step), 0.5) for step in range(1, 4)])
    growth = SeriesFollower(run.series_file("loss"), seen=7).new()
    assert (growth.first, growth.records, growth.step) == (0, 3, (1, 2, 3))


def test_much_at_once_becomes_stretches_that_hide_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(follow, "CHUNK", 700)
    path = tmp_path / "loss.bin"
    path.write_bytes(b"")
    follower = SeriesFollower(path)
    values = [0.5] * 100_000
    values[77_777], values[77_779], values[5], values[6] = 99.0, -99.0, math.nan, math.inf
    path.write_bytes(b"".join(struct.pack("<qdd", step, float(step), value) for step, value in enumerate(values)))
    growth = follower.new()
    assert (growth.first, growth.records) == (0, 100_000)
    assert len(growth.step) <= follow.STRETCHES
    assert (max(growth.high), min(growth.low)) == (99.0, -99.0)
    assert (sum(growth.count), sum(growth.nan), sum(growth.plus), growth.minus) == (99_998, 1, 1, ())
    assert growth.step[:2] == [0, 200]
    assert follower.new() is None


def test_a_long_log_is_skipped_to_its_newest_whole_lines(tmp_path):
    path = tmp_path / "log.txt"
    path.write_bytes(b"")
    follower = follow.LogFollower(path)
    lines = [f"line {number} ünï\n" for number in range(20_000)]
    path.write_text("".join(lines), encoding="utf-8")
    part = follower.new()
    size = path.stat().st_size
    assert part.end == size
    assert part.offset == part.skipped > size - follow.MOST_LOG
    assert part.text == path.read_bytes()[part.offset :].decode()
    assert part.text.startswith("line ")
    assert follower.new() is None


def test_a_character_that_is_not_written_whole_yet_waits(tmp_path):
    path = tmp_path / "log.txt"
    path.write_bytes(b"")
    follower = follow.LogFollower(path)
    text = "a€😀ü\n".encode()
    seen = ""
    for end in range(1, len(text) + 1):
        path.write_bytes(text[:end])
        part = follower.new()
        seen += part.text if part else ""
        assert "�" not in seen
    assert seen == "a€😀ü\n"


def test_many_events_come_in_portions_without_loss(tmp_path, monkeypatch):
    monkeypatch.setattr(follow, "MOST_EVENTS", 500)
    run = create_run(runs_root(tmp_path), "steps: 1\n", name="a")
    follower = RunFollower(run)
    recorder = run.recorder()
    for number in range(100):
        recorder.event("warning", message=f"number {number}")
    numbers = []
    while news := follower.new():
        assert len(news.events) < 20
        numbers += [number for number, _ in news.events]
    assert numbers == list(range(2, 102))


class Followed(RuleBasedStateMachine):
    """A client that only applies what it is told has, whenever it is up to date, exactly the series."""

    @initialize()
    def begin(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "loss.bin"
        self.writer = SeriesWriter(self.path)
        self.follower = SeriesFollower(self.path, seen=0)
        self.client = []
        self.step, self.seconds = 0, 0.0

    @rule(values=st.lists(st.floats(allow_nan=False), min_size=1, max_size=40))
    def append(self, values):
        for value in values:
            self.step += 1
            self.seconds += 0.25 + self.step / 1000
            self.writer.append((self.step, self.seconds, value))
        self.writer.flush()

    @rule(share=st.floats(0, 1), values=st.lists(st.floats(allow_nan=False), max_size=60))
    def resume(self, share, values):
        self.writer.cut(int(self.step * share))
        self.step = int(self.step * share)
        self.seconds += 1.0
        self.append(values)

    @rule()
    def look(self):
        growth = self.follower.new()
        if growth is not None:
            assert growth.first <= len(self.client)
            del self.client[growth.first :]
            self.client += zip(growth.step, growth.seconds, growth.value, strict=True)
            assert len(self.client) == growth.records
        there = read_series(self.path).tolist() if self.path.exists() else []
        assert self.client == there
        assert self.follower.seen == len(there)

    def teardown(self):
        if hasattr(self, "folder"):
            self.writer.close()
            self.folder.cleanup()


TestFollowed = Followed.TestCase
TestFollowed.settings = settings(max_examples=80, stateful_step_count=25, deadline=None)


def test_the_marks_of_a_follower_stay_few(tmp_path):
    path = tmp_path / "loss.bin"
    follower = SeriesFollower(path, seen=0)
    for step in range(1, 1000):
        with path.open("ab") as file:
            file.write(RECORD.pack(step, float(step), 1.0))
        assert follower.new().records == step
    assert len(follower._marks) <= follow.MOST_MARKS
    with path.open("r+b") as file:
        file.truncate(500 * RECORD.size)
    growth = follower.new()
    assert growth.first < 500 == growth.records
    assert growth.first > 250


@pytest.mark.parametrize("names", [(), ("loss",)])
def test_only_wanted_series_are_followed(tmp_path, names):
    run = create_run(runs_root(tmp_path), "steps: 1\n", name="a")
    follower = RunFollower(run, names=names, events=False)
    write(run, "loss", [(1, 1.0, 0.5)])
    write(run, "rate", [(1, 1.0, 0.5)])
    found = follower.new()
    assert tuple(found.series) == names
    assert not found.events
    assert wait_until(lambda: not follower.new())
