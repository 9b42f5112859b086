"""Runs under control of a real server: started, watched, stopped, resumed, lost, deleted."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from server_client import RefusedError, eventually, serving
from support import tunesmith, write_digits_job

SHORT = "training: {max_steps: 30, batch_size: 32}"
LONG = "training: {epochs: 5000, batch_size: 32}"
OFTEN = "checkpoints: {every: 20 steps}"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A workspace with a job that takes a moment."""
    write_digits_job(tmp_path, SHORT)
    return tmp_path


@pytest.fixture
def endless(tmp_path: Path) -> Path:
    """A workspace with a job that goes on until it is told to stop."""
    write_digits_job(tmp_path, LONG, OFTEN)
    return tmp_path


def status_of(server, run):
    return server.ask("tunesmith/run", {"run": run})["run"]["status"]


def ended(server, run):
    return eventually(
        lambda: status_of(server, run) not in ("queued", "preparing", "running") and status_of(server, run)
    )


def going(server, run, step=1):
    return eventually(lambda: server.ask("tunesmith/run", {"run": run})["run"].get("step", 0) >= step)


def test_a_run_is_started_trains_to_its_end_and_its_curve_and_report_come(project):
    with serving(project) as server:
        started = server.ask("tunesmith/start", {"job": "digits.job.yaml", "name": "first", "tags": ["a", "b"]})
        run = started["run"]["id"]
        assert started["run"]["tags"] == ["a", "b"]
        assert started["run"]["task"] == "image-classification"
        assert ended(server, run) == "finished"
        curve = server.ask("tunesmith/series", {"run": run, "names": ["loss"], "width": 10})["curves"][0]
        assert curve["records"] == 30
        assert sum(curve["count"]) == 30
        assert all(
            low <= mean <= high
            for low, mean, high in zip(*(curve[name] for name in ("low", "mean", "high")), strict=True)
        )
        report = server.ask("tunesmith/report", {"run": run})
        assert report["there"]
        (matrix,) = (block for block in report["blocks"] if block["kind"] == "matrix")
        assert sum(map(sum, matrix["counts"])) == 120
        kinds = {event["kind"] for event in server.ask("tunesmith/events", {"run": run})["events"]}
        assert {"state", "checkpoint", "report"} <= kinds
        assert "worker began" in server.ask("tunesmith/log", {"run": run})["text"]
        assert server.ask("tunesmith/log", {"run": run, "search": "WORKER BEGAN"})["text"].count("\n") == 1
        told = server.ask("tunesmith/log", {"run": run, "search": "step 30"})["text"]
        assert "evaluation: loss" in told
        assert "the report on the validation rows is written" in server.ask("tunesmith/log", {"run": run})["text"]
        detail = server.ask("tunesmith/run", {"run": "last"})
        assert detail["settings"]["training.max_steps"] == 30
        assert detail["checkpoints"][0]["step"] == 30


def test_a_run_is_watched_from_its_first_to_its_last_number_without_asking(project):
    with serving(project) as server:
        run = server.ask("tunesmith/start", {"job": "digits.job.yaml"})["run"]["id"]
        seen = [{"name": "loss", "records": 0}]
        everything = {"run": run, "seen": seen, "log": True, "logOffset": 0, "afterEvent": 0}
        assert server.ask("tunesmith/subscribe", everything)["run"] == run

        def told():
            statuses = [each["run"]["status"] for each in server.heard("tunesmith/runChanged")]
            points = parts_of("loss")
            return "finished" in statuses and points and points[-1]["records"] == 30

        def parts_of(name):
            heard = server.heard("tunesmith/seriesAppended")
            return [part for each in heard for part in each["parts"] if part["name"] == name]

        eventually(told)
        assert [step for part in parts_of("loss") for step in part["step"]] == list(range(1, 31))
        curve = server.ask("tunesmith/series", {"run": run, "names": ["loss"], "width": 1000})["curves"][0]
        assert [value for part in parts_of("loss") for value in part["value"]] == curve["mean"]
        events = [event for each in server.heard("tunesmith/eventsAppended") for event in each["events"]]
        assert [event["number"] for event in events] == list(range(1, len(events) + 1))
        eventually(lambda: "worker began" in "".join(each["text"] for each in server.heard("tunesmith/logAppended")))
        assert server.heard("tunesmith/queueChanged")[-1]["queue"]["waiting"] == []
        assert server.ask("tunesmith/unsubscribe", {"run": run})["run"] == run


def test_stop_resume_pause_checkpoint_and_a_new_learning_rate_reach_the_worker(endless):
    with serving(endless) as server:
        run = server.ask("tunesmith/start", {"job": "digits.job.yaml"})["run"]["id"]
        going(server, run)
        with pytest.raises(RefusedError) as caught:
            server.ask("tunesmith/command", {"run": run, "command": "set", "values": {"momentum": 0.5}})
        assert caught.value.code == "run.no-such-value"
        server.ask("tunesmith/command", {"run": run, "command": "set", "values": {"learning_rate": 0.0005}})
        events = lambda kind: server.ask("tunesmith/events", {"run": run, "kinds": [kind]})["events"]  # noqa: E731
        assert eventually(lambda: events("set"))[0]["fields"]["learning_rate"] == 0.0005
        before = len(events("checkpoint"))
        server.ask("tunesmith/command", {"run": run, "command": "checkpoint"})
        eventually(lambda: len(events("checkpoint")) > before)
        server.ask("tunesmith/command", {"run": run, "command": "pause"})
        assert ended(server, run) == "paused"
        assert server.ask("tunesmith/command", {"run": run, "command": "resume"})["run"]["id"] == run
        eventually(lambda: status_of(server, run) == "running")
        server.ask("tunesmith/command", {"run": run, "command": "stop"})
        assert ended(server, run) == "stopped"
        with pytest.raises(RefusedError) as caught:
            server.ask("tunesmith/command", {"run": run, "command": "stop"})
        assert caught.value.code == "run.not-active"


def test_a_checkpoint_is_kept_while_newer_ones_come_and_let_go_again(tmp_path):
    rarely = ("checkpoints: {every: 1600 steps, keep: 2}", "evaluation: {every: 1000000 steps}")
    write_digits_job(tmp_path, LONG, *rarely)
    with serving(tmp_path) as server:
        run = server.ask("tunesmith/start", {"job": "digits.job.yaml", "overrides": ["training.epochs=50000"]})
        run = run["run"]["id"]

        def look():
            found = server.ask("tunesmith/run", {"run": run})["checkpoints"]
            return {each["step"]: each["kept"] for each in found}

        step = max(eventually(look))
        answer = server.ask("tunesmith/keep", {"run": run, "step": step})
        assert answer["run"] == run
        assert "user" in next(each["kept"] for each in answer["checkpoints"] if each["step"] == step)
        found = eventually(lambda: (now := look()) and len(now) > 2 and all(each >= step for each in now) and now)
        assert found[step] == ["user"]
        assert {tuple(found[each]) for each in sorted(found)[-2:]} == {("newest",)}
        with pytest.raises(RefusedError) as caught:
            server.ask("tunesmith/keep", {"run": run, "step": 7})
        assert caught.value.code == "run.no-such-checkpoint"
        assert f"step-{step}" in caught.value.data["problems"][0]["allowed"]
        let_go = server.ask("tunesmith/keep", {"run": run, "step": step, "keep": False})
        assert [each["kept"] for each in let_go["checkpoints"] if each["step"] == step] == [[]]
        eventually(lambda: step not in look())
        server.ask("tunesmith/command", {"run": run, "command": "stop"})
        assert ended(server, run) == "stopped"


def test_a_worker_that_was_killed_is_shown_as_lost_with_the_remedy_and_goes_on(endless):
    with serving(endless) as server:
        run = server.ask("tunesmith/start", {"job": "digits.job.yaml", "mode": "now"})["run"]["id"]
        going(server, run, step=25)
        os.kill(server.ask("tunesmith/run", {"run": run})["run"]["pid"], signal.SIGKILL)
        eventually(lambda: status_of(server, run) == "lost")
        assert server.ask("tunesmith/runs")["runs"][0]["remedy"] == "resume"
        server.ask("tunesmith/command", {"run": run, "command": "resume"})
        eventually(lambda: status_of(server, run) == "running")
        server.ask("tunesmith/command", {"run": run, "command": "kill"})
        assert ended(server, run) == "lost"


def test_runs_of_server_and_terminal_live_where_the_variable_says(project, tmp_path_factory, monkeypatch):
    elsewhere = tmp_path_factory.mktemp("large-disk")
    monkeypatch.setenv("TUNESMITH_FOLDER", str(elsewhere))
    done = tunesmith("run", "digits.job.yaml", "--name", "by hand", cwd=project)
    assert done.returncode == 0, done.stderr
    with serving(project) as server:
        listed = server.ask("tunesmith/runs")
        assert Path(listed["root"]) == elsewhere / "runs"
        assert [each["name"] for each in listed["runs"]] == ["by hand"]
        run = server.ask("tunesmith/start", {"job": "digits.job.yaml"})["run"]
        assert Path(run["path"]).parent == elsewhere / "runs"
        assert ended(server, run["id"]) == "finished"
    assert not (project / ".tunesmith" / "runs").exists()


def test_a_restarted_server_shows_everything_and_runs_of_the_terminal_appear(project):
    with serving(project) as server:
        run = server.ask("tunesmith/start", {"job": "digits.job.yaml"})["run"]["id"]
        eventually(lambda: status_of(server, run) != "queued")
    done = tunesmith("run", "digits.job.yaml", "--name", "by hand", cwd=project)
    assert done.returncode == 0, done.stderr
    with serving(project) as server:
        assert ended(server, run) == "finished"
        names = [each["name"] for each in server.ask("tunesmith/runs")["runs"]]
        assert names == ["by hand", "digits"]
        differences = server.ask("tunesmith/compare", {"runs": [run, "last"]})
        assert {row["name"] for row in differences["settings"]} == set()
        deleted = server.ask("tunesmith/delete", {"runs": [run, "nothing-like-that"]})
        assert deleted["deleted"] == [run]
        assert Path(deleted["trash"][0]).is_dir()
        assert deleted["problems"][0]["code"] == "run.not-found"
        assert [each["name"] for each in server.ask("tunesmith/runs")["runs"]] == ["by hand"]
