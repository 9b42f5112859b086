"""state.json and events.jsonl: whole, damaged, rebuilt; lost runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import time
from dataclasses import replace

import pytest

from tunesmith.runs import events, state
from tunesmith.runs.damage import problems_of
from tunesmith.runs.folder import RunFolder, create_run, runs_root
from tunesmith.runs.process import Process


@pytest.fixture
def run(tmp_path):
    return create_run(runs_root(tmp_path), "task: regression\n", name="prices")


def test_a_state_survives_writing_and_reading(run):
    best = {"metric": "f1", "value": 0.5, "step": 7}
    run.set_state("running", step=7, total_steps=10, best=best, message="läuft ☃", from_the_future=[1])
    found = run.state()
    assert (found.status, found.step, found.total_steps, found.best) == ("running", 7, 10, best)
    assert (found.message, found.extra) == ("läuft ☃", {"from_the_future": [1]})
    assert (found.pid, found.name, found.damage) == (os.getpid(), "prices", "")
    assert state.decode(state.encode(found)) == found


def test_no_number_becomes_a_word_that_json_carries(run):
    run.set_state("finished", best={"metric": "loss", "value": float("nan"), "step": 1})
    assert json.loads(run.state_file.read_text())["best"]["value"] == "NaN"


def test_flipped_and_missing_bytes_of_the_state_are_noticed_and_the_events_tell_it(run):
    run.set_state("stopped", step=12, message="as asked")
    whole = run.state_file.read_bytes()
    for at in range(0, len(whole), 3):
        for damaged in (whole[:at], whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]):
            run.state_file.write_bytes(damaged)
            found = run.state()
            if found.damage:
                assert (found.status, found.step, found.message) == ("stopped", 12, "as asked")
            else:  # white space at the end carries nothing
                assert json.loads(damaged) == json.loads(whole)
    run.state_file.unlink()
    assert run.state().damage == "missing"
    assert [problem.code for problem in problems_of(run)] == ["run.damaged-state"]


def test_the_next_writer_mends_a_damaged_state_and_says_so(run):
    run.set_state("paused", step=3)
    run.state_file.write_bytes(b"{")
    run.set_state("running")
    assert (run.state().status, run.state().step, run.state().damage) == ("running", 3, "")
    assert [event["code"] for event in run.events() if event["kind"] == "warning"] == ["run.damaged-state"]


def test_a_rebuilt_state_knows_the_newest_step_of_any_event(run):
    run.set_state("stopped", step=3)
    events.append(run.events_file, events.encode("checkpoint", {"step": 9}, now=1.0))
    run.state_file.write_bytes(b"")
    assert run.state().step == 9


def test_nothing_left_is_a_lost_run(run):
    run.state_file.write_bytes(b"\x00" * 100)
    run.events_file.write_bytes(b"\x00" * 100)
    assert run.state().status == "lost"


def test_a_run_whose_process_is_gone_is_lost_but_only_for_readers(run):
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    process = Process.of(child.pid)
    run.set_state("running", **state.at_work(process))
    assert run.state().status == "running"
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert run.state().status == "lost"  # a zombie already is
    child.communicate()
    assert run.state().status == "lost"
    assert str(process.pid) in run.state().message
    assert json.loads(run.state_file.read_text())["status"] == "running"


def test_another_process_with_the_same_id_is_not_the_worker(run):
    run.set_state("running", pid=os.getpid(), process_started=12345.0, host=Process.current().host)
    assert run.state().status == "lost"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a start by a clock that nobody sets")
def test_setting_the_clock_loses_no_run(run):
    before = replace(Process.current(), started=12345.0)
    run.set_state("running", **state.at_work(before))
    assert run.state().status == "running"
    run.set_state("running", **state.at_work(replace(before, mark="of another boot:1")))
    assert run.state().status == "lost"


def test_a_run_of_another_machine_is_lost_when_it_was_silent_for_long(run):
    now = time.time()
    there = replace(run.set_state("running", pid=1, process_started=1.0, host="elsewhere"), updated=now)
    assert state.as_seen(there, None, now + 60).status == "running"
    assert state.as_seen(there, None, now + 3600).status == "lost"


def test_a_launched_worker_that_died_without_a_word_makes_a_lost_run(run):
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert run.state().status == "queued"
    run.set_launched(Process.of(child.pid))
    assert run.state().status == "queued"
    child.communicate()
    assert run.state().status == "lost"


def test_a_full_disk_can_still_be_reported(run):
    script = textwrap.dedent(
        """
        import errno, sys
        from pathlib import Path
        from tunesmith import files
        from tunesmith.runs import folder
        run = folder.RunFolder(Path(sys.argv[1]))
        run.set_state("running", step=5)
        # Temporary files fail as on a full disk; what is there may be overwritten.
        real = Path.open
        def full(self, *args, **kwargs):
            if self.name.endswith(".tmp"):
                raise OSError(errno.ENOSPC, "No space left on device")
            return real(self, *args, **kwargs)
        Path.open = full
        run.set_state("paused", message="the disk is full", error="run.disk-full")
        """
    )
    done = subprocess.run([sys.executable, "-c", script, str(run.path)], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert (run.state().status, run.state().message, run.state().step) == ("paused", "the disk is full", 5)


def test_a_torn_last_event_is_ignored_at_every_byte_and_cut_by_the_next(run):
    events.append(run.events_file, events.encode("warning", {"message": "one"}, now=1.0))
    before = run.events_file.read_bytes()
    line = events.encode("warning", {"message": "zwei ü"}, now=2.0)
    for length in range(len(line)):
        run.events_file.write_bytes(before + line[:length])
        assert [event["kind"] for event in run.events()] == ["state", "warning"]
        events.append(run.events_file, events.encode("checkpoint", {}, now=3.0))
        assert [event["kind"] for event in run.events()] == ["state", "warning", "checkpoint"]


def test_a_damaged_line_costs_only_itself(run):
    for kind in ("a", "b", "c"):
        events.append(run.events_file, events.encode(kind, {}, now=1.0))
    run.events_file.write_bytes(run.events_file.read_bytes().replace(b'"b"', b'"b\x00'))
    tail = events.EventTail(run.events_file)
    assert [event["kind"] for event in tail.new()] == ["state", "a", "c"]
    assert tail.damaged == 1


def test_following_ends_with_the_run_and_misses_nothing(run):
    def ended():
        events.append(run.events_file, events.encode("last", {}, now=1.0))
        return True

    assert [event["kind"] for event in events.follow(run.events_file, ended)] == ["state", "last"]


def test_resuming_deletes_no_event_and_readers_can_tell_what_holds(run):
    recorder = run.recorder()
    for step in (10, 20, 30):
        recorder.event("evaluation", step=step)
    recorder.close()
    run.recorder(after_step=20).event("evaluation", step=30)
    kinds = [(event["kind"], event.get("step")) for event in run.events() if event["kind"] != "state"]
    assert kinds == [*[("evaluation", step) for step in (10, 20, 30)], ("resumed", 20), ("evaluation", 30)]
    held = [(event["kind"], event.get("step")) for event in events.current(run.events()) if event["kind"] != "state"]
    assert held == [("evaluation", 10), ("evaluation", 20), ("resumed", 20), ("evaluation", 30)]


def test_a_run_that_begins_anew_is_not_said_to_be_resumed(run):
    run.recorder(after_step=0).close()
    assert [event["kind"] for event in run.events()] == ["state"]


def test_a_copied_folder_is_the_run(run, tmp_path):
    import shutil

    run.set_state("finished", step=3)
    copy = tmp_path / "elsewhere" / run.id
    shutil.copytree(run.path, copy)
    assert RunFolder(copy).state() == run.state()
