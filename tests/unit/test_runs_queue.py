"""The queue: order on disk, one launch each, whoever launches; what leaves it and what does not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from support import tunesmith, wait_until, write_digits_job, write_job
from tunesmith.cli import main
from tunesmith.errors import TunesmithError
from tunesmith.runs.folder import all_runs, create_run, runs_root
from tunesmith.runs.launch import prepare
from tunesmith.runs.lock import hold
from tunesmith.runs.process import Process
from tunesmith.runs.queue import RunQueue

# Keeps a worker's promises to its folder: it runs until it is asked to stop.
WORKER = """
import os, sys, threading
from pathlib import Path
from tunesmith.runs.folder import RunFolder
from tunesmith.runs.launch import prepare
from tunesmith.runs.lock import hold

run = RunFolder(Path(sys.argv[1]))
print("environment", os.environ.get("ONLY_HERE"), os.environ.get("TUNESMITH_ENVIRONMENT_OF_RUN"), flush=True)
with hold(run, command="its worker"):
    run.set_state("running", step=1, total_steps=10)
    commands, pace = run.commands(), threading.Event()
    while not any(command["command"] == "stop" for command in commands.take()):
        pace.wait(0.01)
    run.set_state("finished", step=10)
"""


@pytest.fixture
def queue(tmp_path):
    return RunQueue(runs_root(tmp_path), worker=(sys.executable, "-c", WORKER))


def made(queue, *names):
    root = queue.file.parent / "runs"
    return [create_run(root, "steps: 10\n", name=name) for name in names]


def finish(run):
    wait_until(lambda: run.state().status == "running")
    run.request({"command": "stop"})
    wait_until(lambda: run.state().status == "finished")


def test_runs_start_one_after_the_other_in_their_order(queue):
    runs = made(queue, "a", "b", "c")
    assert [queue.add(run) for run in runs] == [1, 2, 3]
    assert queue.add(runs[0]) == 1  # waits already
    for place, run in enumerate(runs):
        assert queue.launch_next() == [run]
        assert queue.launch_next() == []
        assert queue.occupying() == [run]
        assert queue.read().ids == [later.id for later in runs[place + 1 :]]
        finish(run)
    assert queue.launch_next() == []
    assert queue.occupying() == []


def test_several_may_train_at_a_time(queue):
    runs = made(queue, "a", "b", "c")
    for run in runs:
        queue.add(run)
    queue.set_parallel(2)
    assert queue.launch_next() == runs[:2]
    assert queue.launch_next() == []
    finish(runs[1])
    assert queue.launch_next() == runs[2:]
    for run in (runs[0], runs[2]):
        finish(run)
    assert queue.set_parallel(0).parallel == 1


def test_a_run_of_the_terminal_occupies_the_device(queue):
    other, mine = made(queue, "terminal", "mine")
    with hold(other):
        other.set_state("running")  # by this process, which is alive
    queue.add(mine)
    assert queue.occupying() == [other]
    assert queue.launch_next() == []
    other.set_state("finished")
    assert queue.launch_next() == [mine]
    finish(mine)


def test_a_run_that_was_launched_but_has_not_spoken_yet_occupies_the_device(queue):
    other, mine = made(queue, "terminal", "mine")
    other.set_launched(Process.current())
    queue.add(mine)
    assert queue.launch_next() == []


def test_a_run_paused_by_a_full_disk_still_occupies_it(queue):
    other, mine = made(queue, "terminal", "mine")
    other.set_state("running")
    other.set_state("paused", error="run.disk-full")
    queue.add(mine)
    assert queue.launch_next() == []
    assert queue.launch_next(leaving=other.id) == [mine]
    finish(mine)


def test_a_lost_run_does_not_occupy_it_and_may_wait_to_be_resumed(queue):
    (run,) = made(queue, "a")
    run.set_launched(Process(pid=2**22 + 1, started=1.0, host=Process.current().host))
    assert run.state().status == "lost"
    queue.add(run)
    assert queue.launch_next() == [run]
    finish(run)


def test_order_changes_and_waiting_runs_can_be_taken_out(queue):
    a, b, c = made(queue, "a", "b", "c")
    for run in (a, b, c):
        queue.add(run)
    assert queue.move(c.id, 1).ids == [c.id, a.id, b.id]
    assert queue.move(c.id, 99).ids == [a.id, b.id, c.id]
    assert queue.move(b.id, -5).ids == [b.id, a.id, c.id]
    assert queue.cancel(a.id).ids == [b.id, c.id]
    assert a.state().status == "stopped"
    assert "before it began" in a.state().message
    for change in (lambda: queue.cancel(a.id), lambda: queue.move(a.id, 1)):
        with pytest.raises(TunesmithError) as error:
            change()
        assert error.value.code == "run.not-queued"
        assert error.value.problem.allowed == (b.id, c.id)


def test_cancelling_a_run_that_waits_to_be_resumed_leaves_its_state(queue):
    (run,) = made(queue, "a")
    run.set_state("paused", message="for lunch", step=5)
    queue.add(run)
    queue.cancel(run.id)
    assert (run.state().status, run.state().message) == ("paused", "for lunch")


def test_another_process_finds_the_queue_as_it_was(queue):
    a, b = made(queue, "a", "b")
    queue.add(a)
    queue.add(b, environment={"ONLY_HERE": "yes"})
    queue.set_parallel(3)
    script = (
        "import sys; from pathlib import Path; from tunesmith.runs.queue import RunQueue\n"
        "found = RunQueue(Path(sys.argv[1])).read(); print(found.parallel, *found.ids, found.waiting[1].environment)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(a.path.parent)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == f"3 {a.id} {b.id} {{'ONLY_HERE': 'yes'}}"


def test_a_worker_gets_its_own_environment_and_tells_which_names_are_its_own(queue):
    (run,) = made(queue, "a")
    queue.add(run, environment={"ONLY_HERE": "yes"})
    queue.launch_next()
    finish(run)
    assert "environment yes ONLY_HERE" in run.log_file.read_text()


def test_what_somebody_acted_on_leaves_the_queue(queue):
    deleted, stopped, launched, last = made(queue, "a", "b", "c", "d")
    for run in (deleted, stopped, launched, last):
        queue.add(run)
    (deleted.path / "job.yaml").unlink()
    stopped.set_state("stopped", message="before it began")
    launched.set_state("finished")
    assert queue.launch_next() == [last]
    assert queue.read().ids == []
    finish(last)


@pytest.mark.parametrize("round", range(5))
def test_many_that_launch_at_once_launch_each_run_once(queue, round):
    runs = made(queue, "a", "b", "c")
    for run in runs:
        queue.add(run)
    others = [RunQueue(queue.file.parent / "runs", worker=(sys.executable, "-c", WORKER)) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        launched = [run for found in pool.map(RunQueue.launch_next, others) for run in found]
    assert launched == runs[:1]
    assert queue.read().ids == [run.id for run in runs[1:]]
    finish(runs[0])


def test_killed_between_launch_and_note_does_not_launch_twice(queue):
    (run, later) = made(queue, "a", "b")
    queue.add(run)
    queue.add(later)
    before = queue.file.read_bytes()
    assert queue.launch_next() == [run]
    queue.file.write_bytes(before)  # as if the note had never been written
    assert queue.launch_next() == []
    assert queue.read().ids == [later.id]
    finish(run)
    queue.file.write_bytes(before)
    assert queue.launch_next() == [later]
    assert queue.read().ids == []
    finish(later)


@pytest.mark.parametrize(
    ("content", "aside"),
    [
        (b"", "damaged"),
        (b"{", "damaged"),
        (b"[]", "damaged"),
        (b"\xff", "damaged"),
        (b"[" * 100_000, "damaged"),
        (b'{"parallel": 1}', "foreign"),
        (b'{"parallel": "x", "waiting": [], "seal": 10}', "foreign"),
    ],
)
def test_a_file_that_cannot_be_obeyed_is_put_aside(queue, content, aside):
    (run,) = made(queue, "a")
    queue.file.write_bytes(content)
    assert queue.read().ids == []
    assert queue.launch_next() == []
    queue.add(run)
    assert queue.read().ids == [run.id]
    assert queue.file.with_name(f"queue.{aside}.json").read_bytes() == content


def test_command_line_shows_and_changes_the_queue(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["queue"]) == 0
    assert "no run waits" in capsys.readouterr().out
    queue = RunQueue(runs_root(tmp_path))
    busy, a, b = made(queue, "busy", "a", "b")
    busy.set_state("running")
    queue.add(a)
    assert main(["queue", "--add", b.id, "--move", b.id, "1", "--parallel", "1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"parallel": 1, "running": [busy.id], "waiting": [b.id, a.id]}
    assert main(["queue", "--cancel", a.id]) == 0
    out = capsys.readouterr().out
    assert out.split() == ["running", busy.id, "1", b.id]
    assert main(["queue", "--move", b.id, "first"]) == 2
    assert "run.bad-place" in capsys.readouterr().err


def test_real_runs_follow_one_another_without_a_server(tmp_path):
    """`run --queue` twice: the first starts at once, and its worker hands the device on when it ends."""
    job = write_digits_job(tmp_path, "training: {max_steps: 5}")
    began = [json.loads(tunesmith("run", job.name, "--queue", "--json", cwd=tmp_path).stdout) for _ in range(2)]
    assert began[0]["position"] is None
    runs = all_runs(runs_root(tmp_path))
    wait_until(lambda: all(run.state().status == "finished" for run in runs), 120)
    log = {run.id: run.log_file.read_text() for run in runs}
    if began[1]["position"] == 1:  # else the first was finished before the second came
        assert f"launched {began[1]['id']}, the next of the queue" in log[began[0]["id"]]
    first, second = sorted(runs, key=lambda run: run.state().created)
    started = [
        event["time"] for event in second.events() if event["kind"] == "state" and event["status"] == "preparing"
    ]
    ended = [event["time"] for event in first.events() if event["kind"] == "state" and event["status"] == "finished"]
    assert started[0] > ended[0]
    assert RunQueue(runs_root(tmp_path)).read().ids == []


def test_of_an_untrusted_project_only_what_was_added_here_is_launched(queue, tmp_path):
    planted, mine = made(queue, "planted", "mine")
    RunQueue(queue.file.parent / "runs").add(planted)
    queue.add(mine)
    assert queue.launch_next(only_own=True) == [mine]
    wait_until(lambda: mine.state().status == "running")
    assert "environment None TUNESMITH_HANDS_ON" in mine.log_file.read_text()
    finish(mine)
    assert queue.launch_next(only_own=True) == []
    assert queue.read().ids == [planted.id]
    assert queue.launch_next() == [planted]
    finish(planted)


def test_a_worker_that_hands_nothing_on_leaves_the_queue_alone(tmp_path):
    (tmp_path / "rows.csv").write_text("text,label\n" + "".join(f"word {n},{'ab'[n % 2]}\n" for n in range(40)))
    job = write_job(tmp_path, "train: rows.csv", more="training: {max_steps: 2}\n")
    queue = RunQueue(runs_root(tmp_path))
    first, second = prepare(job)[0], prepare(job)[0]
    queue.add(first)
    assert queue.launch_next(only_own=True) == [first]
    queue.add(second)
    wait_until(lambda: first.state().status == "finished", 120)
    wait_until(lambda: not first.state().process.is_alive(), 60)
    assert queue.read().ids == [second.id]


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps other users out by the folder's rights")
def test_nobody_else_reads_the_environment_of_a_waiting_run(queue):
    queue.add(made(queue, "a")[0], environment={"TOKEN": "secret"})
    assert queue.file.stat().st_mode & 0o777 == 0o600
