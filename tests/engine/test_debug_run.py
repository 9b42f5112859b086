"""A training in the debugged process itself: the same bits as a worker's, and stops where everything is to be seen."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from debug_project import OUTLIER, ROOT_OF_NEGATIVE, line_of, write_project
from real_workers import ForkServer, new_run, outcome, read
from support import tunesmith
from tunesmith.python_process import module_command
from tunesmith.runs.folder import RunFolder, all_runs, runs_root
from tunesmith.runs.lines import event_line
from tunesmith.worker.spikes import FEWEST, WINDOW

# What PYTHONBREAKPOINT may name: the user's own debugger. It also notes each thread and each program that is started.
HOOK = """
import json, sys, threading
from pathlib import Path

folder = Path(__file__).parent
begin = threading.Thread.start

def started(thread):
    with (folder / "threads.txt").open("a") as file:
        file.write(thread.name + "\\n")
    begin(thread)

threading.Thread.start = started

def audited(event, arguments):
    if event == "subprocess.Popen":
        with (folder / "programs.txt").open("a") as file:
            file.write(str(arguments[1][0]) + "\\n")

sys.addaudithook(audited)

def stopped():
    seen = sys._getframe(1).f_locals
    told = {
        "step": seen["step"],
        "reason": seen["reason"],
        "loss": seen["loss"].item().hex(),
        "places": [row["place"] for row in seen["rows"]],
        "first": [row["columns"][0] for row in seen["rows"]],
        "shapes": [list(seen[name].shape) for name in ("outputs", "targets", "losses")],
        "inputs": list(seen["batch"]["inputs"].shape),
        "weights": seen["model"].linear.weight.tolist(),
        "has_gradient": seen["model"].linear.weight.grad is not None,
        "parts": len(seen["parts"]),
    }
    with (folder / "stops.jsonl").open("a") as file:
        file.write(json.dumps(told) + "\\n")
"""


PDB = "-m pdb -m tunesmith run {} --in-process --break-on step=2 --break-on step=5"


def in_process(job: Path, *words: str, hook: str = "hook.stopped") -> subprocess.CompletedProcess[str]:
    """`tunesmith run JOB --in-process` with nothing to read from standard input."""
    environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONBREAKPOINT": hook, "PYTHONPATH": _path(job.parent)}
    return subprocess.run(
        module_command("tunesmith", "run", job.name, "--in-process", *words),
        cwd=job.parent,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def _path(folder: Path) -> str:
    return os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])


def newest(folder: Path) -> RunFolder:
    return all_runs(runs_root(folder))[-1]


def stops(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "stops.jsonl").read_text().splitlines()]


def lines(file: Path) -> set[str]:
    return set(file.read_text().split()) if file.exists() else set()


def kinds(run: RunFolder) -> list[tuple[str, Any]]:
    """Sorted: a worker tells of a checkpoint when it has been written, behind the steps that come meanwhile."""
    return sorted((event["kind"], event.get("step") or 0) for event in run.events())


def said(run: RunFolder) -> list[str]:
    """What the log tells of the run's events, without the time of day: all of them, but that it was made."""
    told = [line.partition(" INFO ")[2] for line in run.log_file.read_text().splitlines()]
    wanted = [line for event in run.events()[1:] if (line := event_line(event))]
    assert [line for line in told if line in wanted] == wanted
    return sorted(wanted)


def spikes(losses: np.ndarray, deviations: float) -> list[int]:
    """The steps whose loss is a spike, as docs/debugging.md says it, told anew from the recorded losses."""
    found = []
    for place, loss in enumerate(losses):
        before = [value for value in losses[:place] if np.isfinite(value)][-WINDOW:]
        if len(before) >= FEWEST and np.isfinite(loss):
            median = float(np.median(before))
            spread = float(np.median(np.abs(np.asarray(before) - median)))
            if loss - median > deviations * max(spread, abs(median) / 1000):
                found.append(place + 1)
    return found


def test_same_bits_as_a_worker_no_thread_and_every_condition_stops_before_the_update(
    workers: ForkServer, tmp_path: Path
) -> None:
    job = write_project(tmp_path)
    (tmp_path / "hook.py").write_text(HOOK, encoding="utf-8")
    net = tmp_path / "own" / "net.py"
    net.write_text("import hook\n" + net.read_text(), encoding="utf-8")  # also in the worker: its threads are noted
    detached = workers.finish(new_run(job))
    assert "checkpoint" in lines(tmp_path / "threads.txt")
    (tmp_path / "threads.txt").unlink()
    (tmp_path / "programs.txt").unlink(missing_ok=True)

    wanted = ["non-finite", "spike=20", "step=9", f"row=rows.csv:{OUTLIER + 1}"]
    done = in_process(job, *(word for text in wanted for word in ("--break-on", text)))
    assert done.returncode == 0, done.stderr
    run = newest(tmp_path)
    assert run.id != detached.id
    assert outcome(run) == outcome(detached)
    assert kinds(run) == kinds(detached)
    assert said(run) == said(detached) != []
    assert set(said(run)) - {"finished"} <= set(done.stdout.splitlines())  # the closing summary says that
    assert set(said(run)) & {line.partition(" INFO ")[2] for line in done.stderr.splitlines()} == set()
    assert lines(tmp_path / "threads.txt") == set()
    assert lines(tmp_path / "programs.txt") <= {"uname"}  # for environment.json
    assert (run.state().status, run.state().pid) == ("finished", run.state().pid)
    assert "stopped in step 9 before its update" in run.log_file.read_text()

    losses = read(run, "loss")["value"]
    seen = stops(tmp_path)
    assert [stop["loss"] for stop in seen] == [float(losses[stop["step"] - 1]).hex() for stop in seen]
    spoilt = [place + 1 for place, loss in enumerate(losses) if not np.isfinite(loss)]
    assert [stop["step"] for stop in seen if "not finite" in stop["reason"]] == spoilt != []
    assert [stop["step"] for stop in seen if "absolute deviations" in stop["reason"]] == spikes(losses, 20) != []
    assert [stop["step"] for stop in seen if "this is step 9" in stop["reason"]] == [9]
    with_row = [stop for stop in seen if f"rows.csv:{OUTLIER + 1}" in stop["reason"]]
    assert len(with_row) == 2  # once an epoch
    place = f"{tmp_path / 'rows.csv'}:{OUTLIER + 1}"
    assert all((place in stop["places"]) == (stop in with_row) for stop in seen)
    spoiling = f"{tmp_path / 'rows.csv'}:{ROOT_OF_NEGATIVE + 1}"
    assert all((spoiling in stop["places"]) == ("not finite" in stop["reason"]) for stop in seen)
    for stop in seen:
        assert (stop["shapes"], stop["inputs"]) == ([[4], [4], [4]], [4, 2])
        assert stop["has_gradient"] is True
        assert len(stop["first"]) == 4
    at_9 = next(stop for stop in seen if stop["step"] == 9)
    assert at_9["weights"] == weights_before_step_9(run)


def weights_before_step_9(run: RunFolder) -> list[list[float]]:
    from tunesmith.train.checkpoint import read as read_checkpoint

    return read_checkpoint(run.path / "checkpoints" / "step-8").tensors["model"]["linear.weight"].tolist()


def test_with_micro_batches_the_one_that_tells_is_shown(tmp_path: Path) -> None:
    job = write_project(tmp_path)
    (tmp_path / "hook.py").write_text(HOOK, encoding="utf-8")
    words = ("--set", "training.micro_batch_size=1", "--set", "training.max_steps=10")
    done = in_process(job, *words, "--break-on", "non-finite")
    assert done.returncode == 0, done.stderr
    (stop,) = stops(tmp_path)
    assert stop["parts"] == 4
    assert stop["places"] == [f"{tmp_path / 'rows.csv'}:{ROOT_OF_NEGATIVE + 1}"]


def test_pdb_stops_with_everything_in_plain_names_and_quitting_it_stops_the_run(
    workers: ForkServer, tmp_path: Path
) -> None:
    job = write_project(tmp_path)
    recorded = workers.finish(new_run(job))
    typed = [
        "c",
        "p len(rows), sorted(batch), tuple(outputs.shape), float(loss)",
        "p step + 1000",
        "c",
        "p step + 2000",
    ]
    done = subprocess.run(
        [sys.executable, *PDB.format(job.name).split()],
        cwd=tmp_path,
        input="\n".join([*typed, "q", "q"]) + "\n",
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    loss = float(read(recorded, "loss")["value"][1])
    assert f"(4, ['inputs', 'target'], (4,), {loss!r})" in done.stdout, done.stdout + done.stderr
    assert "1002" in done.stdout
    assert "2005" in done.stdout
    run = newest(tmp_path)
    assert run.id != recorded.id
    assert (run.state().status, run.state().message) == ("stopped", "ended in the debugger")


@pytest.mark.parametrize(
    ("words", "hook", "code"),
    [
        (["--break-on", "step=2"], "", "run.no-debugger"),
        (["--break-on", "step=2"], "0", "run.no-debugger"),
        (["--break-on", "stop=2"], "hook.stopped", "run.bad-break"),
    ],
)
def test_without_a_debugger_or_a_meaning_nothing_begins(words: list[str], hook: str, code: str, tmp_path: Path) -> None:
    job = write_project(tmp_path)
    done = in_process(job, *words, hook=hook)
    assert (done.returncode, f"error[{code}]" in done.stderr) == (2, True), done.stderr
    assert all_runs(runs_root(tmp_path)) == []


def test_a_worker_in_a_process_of_its_own_has_no_debugger(tmp_path: Path) -> None:
    job = write_project(tmp_path)
    done = tunesmith("run", job.name, "--break-on", "spike", cwd=tmp_path)
    assert (done.returncode, "error[run.break-elsewhere]" in done.stderr) == (2, True), done.stderr
    assert tunesmith("run", job.name, "--in-process", "--detach", cwd=tmp_path).returncode == 2


@pytest.mark.parametrize(
    ("condition", "code"), [("step=21", "run.no-such-step"), ("row=rows.csv:1", "run.row-not-trained")]
)
def test_a_place_where_it_would_never_stop_is_an_error(condition: str, code: str, tmp_path: Path) -> None:
    job = write_project(tmp_path)
    (tmp_path / "hook.py").write_text(HOOK, encoding="utf-8")
    done = in_process(job, "--break-on", condition)
    state = newest(tmp_path).state()
    assert (done.returncode, state.status, state.extra["error"]) == (1, "failed", code), done.stderr


def test_an_error_in_the_users_code_is_raised_and_the_run_says_so(tmp_path: Path) -> None:
    job = write_project(tmp_path)
    net = tmp_path / "own" / "net.py"
    net.write_text(net.read_text().replace("torch.sqrt(4.0", "torch.sqrt(four"), encoding="utf-8")
    done = in_process(job)
    assert done.returncode == 1
    assert f'net.py", line {line_of(net, "four")}, in forward' in done.stderr
    run = newest(tmp_path)
    assert (run.state().status, run.state().extra["error"]) == ("failed", "internal")
    assert "NameError: name 'four' is not defined" in run.log_file.read_text()


def test_a_stopped_run_goes_on_in_the_debugged_process(workers: ForkServer, tmp_path: Path) -> None:
    job = write_project(tmp_path)
    (tmp_path / "hook.py").write_text(HOOK, encoding="utf-8")
    whole = workers.finish(new_run(job))
    begun = in_process(job, "--from", f"{whole.id}:16", "--break-on", "step=18", "--name", "from-16")
    assert begun.returncode == 0, begun.stderr
    run = newest(tmp_path)
    assert run.state().extra["started_from"] == {"run": whole.id, "step": 16}
    assert outcome(run)["files"] == outcome(whole)["files"]
    assert [stop["step"] for stop in stops(tmp_path)] == [18]
