"""Workers launched, watched, stopped, killed and resumed; what the commands on runs print."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys

import pytest

from support import tunesmith, wait_until
from tunesmith.cli import main
from tunesmith.cli.parts import live_progress
from tunesmith.errors import TunesmithError
from tunesmith.python_process import module_command
from tunesmith.runs import lines
from tunesmith.runs.folder import RunFolder, all_runs, create_run, runs_root
from tunesmith.runs.launch import launch, resume
from tunesmith.runs.lines import Watcher
from tunesmith.runs.series import read_series

# Keeps a worker's promises to its folder without training anything: it counts until told how to end.
WORKER = """
import math, os, sys, threading
from pathlib import Path
from tunesmith.runs.folder import RunFolder
from tunesmith.runs.lock import hold

run = RunFolder(Path(sys.argv[1]))
pace = threading.Event()  # never set
print("hash seed", os.environ["PYTHONHASHSEED"], flush=True)
with hold(run, command="its worker"):
    run.set_state("preparing")
    steps = int(run.job_file.read_text().partition("steps: ")[2].split()[0])
    step = int(run.checkpoints()[0].name[5:]) if run.checkpoints() else 0
    recorder, commands, status = run.recorder(after_step=step), run.commands(), "finished"
    run.set_state("running", step=step, total_steps=steps)
    while step < steps and status == "finished":
        step += 1
        recorder.scalar("loss", step, math.exp(-step / 100))
        if step % 10 == 0:
            recorder.flush()
            run.set_state("running", step=step, total_steps=steps, samples_per_second=10.0, eta_s=1.0)
        if step % 100 == 0:
            recorder.event("evaluation", step=step, metrics={"accuracy": step / 1000}, best=True)
        for command in commands.take():
            status = {"stop": "stopped", "pause": "paused"}.get(command["command"], status)
        if steps > 1000:
            pace.wait(0.005)
    recorder.flush()
    (run.path / "checkpoints" / f"step-{step}").mkdir(exist_ok=True)
    recorder.event("checkpoint", step=step, bytes=1234)
    recorder.close()
    run.set_state(status, step=step, best={"metric": "accuracy", "value": 0.5, "step": step})
"""

WATCH = """
import sys
from pathlib import Path
from tunesmith.cli.parts import live_progress
from tunesmith.runs.folder import RunFolder
from tunesmith.runs.launch import launch

run = RunFolder(Path(sys.argv[1]))
watcher = live_progress.Watcher(run)
worker = launch(run, worker=(sys.executable, sys.argv[2]))
state = live_progress.watch(run, watcher, live_progress.display_for(as_json="--json" in sys.argv), worker)
live_progress.print_end(run, state, as_json="--json" in sys.argv)
sys.exit(live_progress.exit_status(state))
"""


@pytest.fixture
def worker(tmp_path):
    path = tmp_path / "counting.py"
    path.write_text(WORKER)
    return (sys.executable, str(path))


@pytest.fixture
def command(tmp_path, monkeypatch, capsys):
    """Runs a command in this process, where none is started: what it printed."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> str:
        assert main(arguments) == 0
        return capsys.readouterr().out

    return run


def made(tmp_path, *, steps=300, seed=7, name="counts", now=None) -> RunFolder:
    return create_run(runs_root(tmp_path), f"task: regression\nsteps: {steps}\nseed: {seed}\n", name=name, now=now)


def finished(tmp_path, worker, **options) -> RunFolder:
    run = made(tmp_path, **options)
    assert launch(run, worker=worker).wait() == 0
    return run


def watching(run, worker, *options):
    command = [sys.executable, "-c", WATCH, str(run.path), worker[1], *options]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Whoever runs the tests in the background of a script hands an ignored SIGINT down.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def end(run):
    """Kill what may still run."""
    state = run.state()
    if state.pid and not state.ended:
        os.kill(state.pid, signal.SIGKILL)


def test_the_table_of_runs_says_which_learnt_nothing(tmp_path, command):
    for name, reason in (("idle", "no weight has changed"), ("good", "")):
        made(tmp_path, name=name).set_state("finished", nothing_learnt=reason)
    idle, good = command("runs").splitlines()[1:]
    assert ("finished, nothing learnt" in idle, "nothing learnt" in good) == (True, False)
    assert "finished" in good


def test_a_watched_run_tells_its_events_and_ends_with_a_summary(tmp_path, worker):
    run = made(tmp_path)
    out, err = watching(run, worker).communicate(timeout=60)
    assert err == ""
    assert "step 200: evaluation: accuracy 0.2 (best so far)" in out
    assert "step 300: checkpoint, 1.2 KB" in out
    assert f"{run.id} finished: 300/300 steps" in out
    assert f"tunesmith predict {run.id}" in out
    assert "hash seed 0" in run.log_file.read_text()


def test_a_program_can_read_the_progress(tmp_path, worker):
    watcher = watching(made(tmp_path), worker, "--json")
    out, _ = watcher.communicate(timeout=60)
    lines = [json.loads(line) for line in out.splitlines()]
    assert watcher.returncode == 0
    assert [line["kind"] for line in lines if line["kind"] != "progress"][-3:] == ["checkpoint", "state", "end"]
    assert (lines[-1]["status"], lines[-1]["step"]) == ("finished", 300)


def test_first_ctrl_c_stops_with_a_checkpoint_and_resume_goes_on_to_the_same_stream(tmp_path, worker):
    run, whole = made(tmp_path, steps=1500), finished(tmp_path, worker, steps=1000, name="whole")
    watcher = watching(run, worker)
    wait_until(lambda: run.state().step >= 20)
    watcher.send_signal(signal.SIGINT)
    out, _ = watcher.communicate(timeout=60)
    assert watcher.returncode == 130
    assert "with a checkpoint" in out
    stopped = run.state()
    assert stopped.status == "stopped"
    assert [path.name for path in run.checkpoints()] == [f"step-{stopped.step}"]
    run.job_file.write_text("steps: 1000\n")
    assert resume(run, worker=worker).wait(timeout=60) == 0
    assert run.state().status == "finished"
    for field in ("step", "value"):
        ours, theirs = (read_series(item.series_file("loss"))[field].tolist() for item in (run, whole))
        assert ours == theirs


def test_second_ctrl_c_leaves_the_worker_running(tmp_path, worker):
    stubborn = worker[1] + ".stubborn.py"
    with open(worker[1]) as file, open(stubborn, "w") as copy:  # noqa: PTH123
        copy.write(file.read().replace("commands.take()", "()"))
    run = made(tmp_path, steps=100_000)
    watcher = watching(run, ("", stubborn))
    try:
        wait_until(lambda: run.state().step >= 10)
        watcher.send_signal(signal.SIGINT)
        wait_until(lambda: list((run.path / "command").glob("*.json")))
        watcher.send_signal(signal.SIGINT)
        _, err = watcher.communicate(timeout=60)
        assert watcher.returncode == 130
        assert f"kill -9 {run.state().pid}" in err
        assert run.state().status == "running"
    finally:
        end(run)


def test_ctrl_c_while_the_first_one_is_answered_leaves_the_worker_running_too(tmp_path, capsys):
    class Interrupted:
        """The user's hand lies on Ctrl-C: it comes while the display works, and while it says what the first does."""

        def show(self, view):
            raise KeyboardInterrupt

        def say(self, text):
            raise KeyboardInterrupt

        def close(self):
            print("closed")

    run = made(tmp_path)
    assert live_progress.watch(run, Watcher(run), Interrupted(), None) is None
    out, err = capsys.readouterr()
    assert (out, "left running" in err) == ("closed\n", True)
    assert len(list((run.path / "command").glob("*.json"))) == 1


def test_the_end_of_a_run_is_reported_once(tmp_path, capsys):
    run = made(tmp_path)
    watcher, display = Watcher(run), live_progress.PlainLines()
    run.set_state("running", message="loading")
    run.set_state("failed", message="error[data.bad-row]: d.csv:7: the row has 3 cells", error="data.bad-row")
    live_progress.print_end(run, live_progress.watch(run, watcher, display, None), as_json=False)
    out = capsys.readouterr().out
    assert out.count("the row has 3 cells") == 1
    assert "running: loading" in out


def test_how_far_the_rows_are_is_a_line_every_few_seconds(tmp_path, monkeypatch):
    run, said = made(tmp_path), []
    watcher, shown = Watcher(run), lines.Lines(said.append)
    run.set_state("preparing", message="encoding rows: 16,384 of 900,000")
    shown.show(watcher.look())
    monkeypatch.setattr(lines, "LINE_S", 0.0)
    shown.show(watcher.look())
    assert said.count("encoding rows: 16,384 of 900,000") == 1


def test_a_killed_worker_is_told_as_lost_with_what_to_type(tmp_path, worker):
    run = made(tmp_path, steps=100_000)
    watcher = watching(run, worker)
    wait_until(lambda: run.state().step >= 10)
    os.kill(run.state().pid, signal.SIGKILL)
    out, _ = watcher.communicate(timeout=60)
    assert watcher.returncode == 1
    assert f"{run.id} lost" in out
    assert f"tunesmith resume {run.id}" in out


def test_a_worker_that_cannot_even_start_is_lost_and_its_last_words_are_shown(tmp_path):
    broken = tmp_path / "broken.py"
    broken.write_text("raise SystemExit('no such library')")
    run = made(tmp_path)
    watcher = watching(run, ("", str(broken)))
    out, _ = watcher.communicate(timeout=60)
    assert watcher.returncode == 1
    assert "| no such library" in out


def test_a_run_with_a_worker_cannot_get_another(tmp_path, worker):
    run = made(tmp_path, steps=100_000)
    process = launch(run, worker=worker)
    try:
        for moment in (lambda: True, lambda: run.state().status == "running"):
            wait_until(moment)
            with pytest.raises(TunesmithError) as refused:
                resume(run, worker=worker)
            assert refused.value.code == "run.held"
            assert f"process {process.pid}" in str(refused.value)
    finally:
        process.kill()
        process.wait()


def test_an_old_stop_does_not_end_the_next_worker(tmp_path, worker):
    run = made(tmp_path)
    run.request({"command": "stop"})
    assert launch(run, worker=worker).wait() == 0
    assert run.state().status == "finished"


def test_a_finished_run_is_not_resumed(tmp_path, worker):
    done = tunesmith("resume", finished(tmp_path, worker).id, cwd=tmp_path)
    assert done.returncode == 2
    assert "error[run.finished]" in done.stderr


@pytest.mark.parametrize(("command", "status"), [("stop", "stopped"), ("pause", "paused")])
def test_stop_and_pause_return_when_the_process_is_gone(tmp_path, worker, command, status):
    run = made(tmp_path, steps=100_000)
    process = launch(run, worker=worker)
    wait_until(lambda: run.state().step >= 10)
    done = tunesmith(command, "last", "--json", cwd=tmp_path)
    assert process.poll() == 0
    assert done.returncode == 0
    assert json.loads(done.stdout)["status"] == status
    again = tunesmith(command, "last", cwd=tmp_path)
    assert again.returncode == 2
    assert "error[run.not-active]" in again.stderr


def test_log_follows_to_the_end_of_the_run(tmp_path, worker, command):
    run = made(tmp_path, steps=100_000)
    process = launch(run, worker=worker)
    following = subprocess.Popen(
        module_command("tunesmith", "log", "last", "--follow"), cwd=tmp_path, stdout=subprocess.PIPE, text=True
    )
    assert following.stdout.readline() == "hash seed 0\n"
    assert following.poll() is None
    run.request({"command": "stop"})
    process.wait()
    assert following.communicate() == ("", None)
    assert following.returncode == 0
    events = command("log", run.id, "--json").splitlines()
    assert json.loads(events[-1])["status"] == "stopped"


def test_runs_show_and_compare_for_people_and_programs(tmp_path, worker, command, monkeypatch):
    one = finished(tmp_path, worker, name="one", now=1.7e9)
    two = finished(tmp_path, worker, name="two", seed=8, steps=500, now=1.8e9)
    below = tmp_path / "deep" / "down"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)  # commands find the project from inside it
    listed = json.loads(command("runs", "--json"))
    assert [(item["id"], item["status"]) for item in listed] == [(one.id, "finished"), (two.id, "finished")]
    assert two.id in command("runs").splitlines()[2]

    shown = json.loads(command("show", "one", "--json", "--points", "10"))
    assert shown["settings"] == {"task": "regression", "steps": 300, "seed": 7}
    assert shown["metrics"] == {"accuracy": 0.3}
    assert [checkpoint["name"] for checkpoint in shown["checkpoints"]] == ["step-300"]
    assert (shown["series"]["loss"]["records"], len(shown["series"]["loss"]["mean"])) == (300, 10)
    assert shown["problems"] == []
    page = command("show", "one")
    assert all(part in page for part in ("settings", "metrics", "checkpoints", "last events", "step-300"))

    compared = json.loads(command("compare", "one", "two", "--json"))
    assert compared["settings"] == {"steps": [300, 500], "seed": [7, 8]}
    assert compared["metrics"] == {"accuracy": [0.3, 0.5], "steps": [300, 500]}
    assert "regression" not in command("compare", "one", "two")


def test_show_says_settings_as_the_job_does_and_reasons_apart(tmp_path, command):
    run = made(tmp_path)
    run.write_job(
        "network: false\nmodel: {name: null}\ntraining: {loss: mse, why: {training.loss: numbers are predicted}}\n"
        "data: {columns: [a, 'b c'], of: {}}\n"
    )
    page = command("show", run.id).splitlines()
    at = page.index("settings")
    assert [line.split(None, 1) for line in page[at + 1 : at + 6]] == [
        ["network", "false"],
        ["model.name", "none"],
        ["training.loss", "mse"],
        ["data.columns", "[a, b c]"],
        ["data.of", "{}"],
    ]
    assert page[at + 6 : at + 9] == ["", "why auto chose it", "  training.loss  numbers are predicted"]
    as_json = json.loads(command("show", run.id, "--json"))
    assert as_json["reasons"] == {"training.loss": "numbers are predicted"}
    assert "training.why.training.loss" not in as_json["settings"]


def test_compare_says_settings_as_the_job_does_and_no_reasons(tmp_path, command):
    for name, value in (("one", "true"), ("two", "false")):
        reasons = f"training: {{why: {{training.loss: because of {name}}}}}\n"
        job = f"network: {value}\ndata: {{columns: [a, {name}]}}\n{reasons}"
        made(tmp_path, name=name).write_job(job)
    lines = [re.split("  +", line) for line in command("compare", "one", "two").splitlines()]
    assert lines[1 : lines.index([""])] == [["network", "true", "false"], ["data.columns", "[a, one]", "[a, two]"]]


def test_show_names_damage(tmp_path, worker, command):
    run = finished(tmp_path, worker)
    run.state_file.write_bytes(b"")
    with run.series_file("loss").open("r+b") as file:
        file.write(b"\xff")
    page = command("show", "last")
    assert "warning[run.damaged-state]" in page
    assert "warning[run.damaged-series]" in page
    assert "finished" in page


def test_delete_goes_through_the_trash(tmp_path, worker, command):
    run = finished(tmp_path, worker)
    moved = json.loads(command("delete", "last", "--json"))
    assert RunFolder(tmp_path / ".tunesmith" / "trash" / run.id).state().status == "finished"
    assert moved["trash"] == str(tmp_path / ".tunesmith" / "trash" / run.id)
    assert all_runs(run.path.parent) == []
    assert command("delete", "--empty-trash")
    assert list((tmp_path / ".tunesmith" / "trash").iterdir()) == []
    assert tunesmith("delete", cwd=tmp_path).returncode == 2


def test_a_bad_job_makes_no_run(tmp_path):
    (tmp_path / "bad.job.yaml").write_text("taks: regression\n")
    done = tunesmith("run", "bad.job.yaml", cwd=tmp_path)
    assert done.returncode == 2
    assert "error[job." in done.stderr
    assert not (tmp_path / ".tunesmith").exists()


def test_watching_needs_neither_torch_nor_numpy():
    script = (
        "import sys; from tunesmith.cli.parts import closing_summary, live_progress; import tunesmith.runs.launch\n"
        "print(sorted({'torch', 'numpy', 'rich', 'psutil', 'transformers'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
