"""Creating, finding, listing, commanding, locking and deleting runs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from support import wait_until
from tunesmith.errors import TunesmithError
from tunesmith.runs.folder import all_runs, create_run, find_run, runs_root
from tunesmith.runs.lock import hold, holder
from tunesmith.runs.trash import delete, trash_of

HOLD = """
import sys
from pathlib import Path
from tunesmith.runs.folder import RunFolder
from tunesmith.runs.lock import hold
with hold(RunFolder(Path(sys.argv[1])), command="a test"):
    print("held", flush=True)
    {then}
"""


@pytest.fixture
def root(tmp_path):
    return runs_root(tmp_path)


@pytest.fixture
def run(root):
    return create_run(root, "task: regression\n", name="prices")


def test_runs_lie_where_the_variable_says(tmp_path, monkeypatch):
    elsewhere = tmp_path / "large disk"
    for named, wanted in (
        (str(elsewhere), elsewhere / "runs"),
        ("kept", tmp_path / "project" / "kept" / "runs"),
        (" ", tmp_path / "project" / ".tunesmith" / "runs"),
    ):
        monkeypatch.setenv("TUNESMITH_FOLDER", named)
        assert runs_root(tmp_path / "project") == wanted


@contextmanager
def holding(run, then="input()") -> Iterator[subprocess.Popen]:
    script = HOLD.format(then=textwrap.indent(textwrap.dedent(then), "    ").strip())
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(run.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout.readline() == "held\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_new_run_is_queued_and_has_its_parts(run, root):
    assert run.state().status == "queued"
    assert run.job_text().splitlines()[0] == "task: regression"
    for part in ("series", "command", "checkpoints", "report", "export"):
        assert (run.path / part).is_dir()
    assert (root.parent / ".gitignore").read_text() == "*\n"


def test_ids_are_unique_sortable_and_harmless(root):
    ids = [create_run(root, "", name="Übung: №1 / ..", now=1.7e9 + second).id for second in (0, 0, 0, 1, 2)]
    assert len(set(ids)) == 5
    assert ids[0].startswith("20231114-221320-bung-1-")
    assert [run.id for run in all_runs(root)][3:] == ids[3:]
    assert create_run(root, "", name="***").id.split("-")[2] == "run"


def test_last_is_the_newest_even_within_one_second(root):
    for tenth in range(8):
        newest = create_run(root, "", name=f"z{9 - tenth}", now=1.7e9 + tenth / 10)
    assert find_run(root, "last") == newest
    assert [run.id[16:18] for run in all_runs(root)] == [f"z{9 - tenth}" for tenth in range(8)]


def test_what_is_no_run_is_not_listed(run, root):
    (root / ".half.tmp").mkdir()
    (root / "notes").mkdir()
    (root / "file.txt").write_text("")
    assert all_runs(root) == [run]
    assert all_runs(root / "nowhere") == []


def test_a_run_is_found_by_id_beginning_name_and_path(root):
    one = create_run(root, "", name="cats", now=1.7e9)
    two = create_run(root, "", name="dogs", now=1.8e9)
    for reference in (one.id, one.id[:20], "2023", "cats", str(one.path), f"{one.path}{os.sep}"):
        assert find_run(root, reference) == one
    assert find_run(root, "dogs") == two
    with pytest.raises(TunesmithError) as ambiguous:
        find_run(root, "20")
    assert ambiguous.value.code == "run.ambiguous"
    assert set(ambiguous.value.problem.allowed) == {one.id, two.id}
    for reference in ("birds", "", "1999"):
        with pytest.raises(TunesmithError) as unknown:
            find_run(root, reference)
        assert unknown.value.code in ("run.not-found", "run.ambiguous")
    with pytest.raises(TunesmithError) as nothing:
        find_run(root / "nowhere", "last")
    assert nothing.value.code == "run.not-found"


def test_a_run_is_found_by_its_name_in_any_script(root):
    one = create_run(root, "", name="情感", now=1.7e9)
    two = create_run(root, "", name="情感 2", now=1.8e9)
    three = create_run(root, "", name="Prüfung Ⅳ", now=1.9e9)
    assert find_run(root, "情感") == one
    assert find_run(root, "情感 2") == two
    for name in ("Prüfung Ⅳ", "pru\u0308fung iv", "prüf"):
        assert find_run(root, name) == three
    assert all(run.id.isascii() for run in (one, two, three))


def test_checkpoints_come_newest_first_and_half_made_ones_not_at_all(run):
    for name in ("step-9", "step-10", "step-100", ".step-200.abc.tmp", "best"):
        (run.path / "checkpoints" / name).mkdir()
    assert [path.name for path in run.checkpoints()] == ["step-100", "step-10", "step-9"]


def test_commands_come_in_order_and_once(run):
    commands = run.commands()
    assert commands.take() == []
    for rate in range(12):
        run.request({"command": "set", "learning_rate": rate})
    assert [command["learning_rate"] for command in commands.take()] == list(range(12))
    assert commands.take() == []
    run.request({"command": "stop"})
    assert commands.take() == [{"command": "stop"}]
    done = sorted((run.path / "command" / "done").iterdir())
    assert [path.name for path in done] == [f"{number:04d}.json" for number in range(1, 14)]


def test_a_command_right_after_an_empty_look_is_not_missed(run):
    commands = run.commands()
    for number in range(50):
        assert commands.take() == []
        run.request({"command": "set", "number": number})
        assert [command["number"] for command in commands.take()] == [number]


def test_damaged_commands_are_put_aside(run):
    folder = run.path / "command"
    (folder / "0001.json").write_text("{")
    (folder / "0002.json").write_text("[1]")
    run.request({"command": "stop"})
    assert run.commands().take() == [{"command": "stop"}]
    assert len(list((folder / "done").iterdir())) == 3


def test_two_who_ask_at_once_get_two_numbers(run):
    script = (
        "import sys; from pathlib import Path; from tunesmith.runs.commands import request\n"
        "for n in range(40): request(Path(sys.argv[1]), {'command': 'set', 'who': sys.argv[2], 'n': n})"
    )
    folder = run.path / "command"
    asking = [subprocess.Popen([sys.executable, "-c", script, str(folder), who]) for who in "ab"]
    commands, taken = run.commands(), []

    def all_taken():
        taken.extend(commands.take())  # while they still ask
        return len(taken) == 80

    wait_until(all_taken)
    assert [process.wait() for process in asking] == [0, 0]
    for who in "ab":
        assert [command["n"] for command in taken if command["who"] == who] == list(range(40))


def test_the_second_is_told_who_holds_the_run(run):
    with holding(run) as process, pytest.raises(TunesmithError) as refused, hold(run):
        pass
    assert refused.value.code == "run.held"
    assert f"process {process.pid} (a test) since" in str(refused.value)


def test_one_process_cannot_hold_a_run_twice_either(run):
    with hold(run, command="first"), pytest.raises(TunesmithError, match="first"), hold(run):
        pass
    with hold(run):
        pass


def test_kill_frees_the_lock(run):
    with holding(run) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
        with hold(run):
            assert holder(run.path / "lock")["pid"] == os.getpid()


@pytest.mark.parametrize(
    "text",
    ["", "[]", "7", '{"pid": 1}', '{"pid": "x", "started": 1, "host": "h"}', '{"pid": 1, "started": "x", "host": "h"}'],
)
def test_who_holds_a_run_is_unknown_where_the_text_is_damaged(run, text, monkeypatch):
    monkeypatch.setattr("tunesmith.runs.lock.BRIEF_S", 0.1)
    with hold(run):
        (run.path / "lock").write_text(text)
        assert holder(run.path / "lock") is None
        with pytest.raises(TunesmithError, match="held by another process"), hold(run):
            pass


def test_a_forked_child_does_not_keep_its_dead_parents_lock(run):
    then = """
    import os
    child = os.fork()
    if child == 0:
        print(os.getpid(), flush=True)
    input()
    """
    with holding(run, then) as process:
        child = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        process.wait()
        with hold(run):
            os.kill(child, signal.SIGKILL)


def test_one_waits_for_a_holder_who_hands_over(run):
    script = HOLD.replace('command="a test"', "brief=True").format(then="input()")
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(run.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    ending = subprocess.Popen(
        [sys.executable, "-c", "import os, sys, time; time.sleep(0.3); os.kill(int(sys.argv[1]), 9)", str(process.pid)]
    )
    with hold(run):
        assert holder(run.path / "lock")["pid"] == os.getpid()
    ending.wait()
    process.communicate()


def test_a_deleted_run_lies_in_the_trash_with_all_it_had(run, root):
    where = delete(run)
    assert where == trash_of(root) / run.id
    assert all_runs(root) == []
    assert json.loads((where / "state.json").read_text())["status"] == "queued"


def test_a_held_or_running_run_is_not_deleted(run, root):
    with holding(run), pytest.raises(TunesmithError) as held:
        delete(run)
    assert held.value.code == "run.held"
    run.set_state("running")
    with pytest.raises(TunesmithError) as active:
        delete(run)
    assert active.value.code == "run.active"
    assert all_runs(root) == [run]
