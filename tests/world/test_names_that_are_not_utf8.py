"""Folders and files whose names are not UTF-8: listed and shown, and refused by name where weights would be written."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from server_client import serving
from tunesmith.cli import main
from tunesmith.python_process import module_command
from tunesmith.runs.folder import RunFolder, create_run, runs_root
from tunesmith.runs.queue import RunQueue

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="file names are UTF-8 or UTF-16 elsewhere")
ODD = os.fsdecode(b"pro\xffject")
JOB = "task: regression\nmodel: net:network\ndata: {train: ok.csv, columns: [a], target: y, validation: 20%}\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / ODD
    folder.mkdir()
    (folder / "net.py").write_text(
        "from torch import nn\n\n\ndef network(outputs):\n    return nn.Linear(1, outputs)\n"
    )
    (folder / "ok.csv").write_text("a,y\n" + "".join(f"{number},{number * 2.0}\n" for number in range(60)))
    (folder / "x.job.yaml").write_text(JOB)
    (folder / os.fsdecode(b"n\xff.job.yaml")).write_text(JOB)
    return folder


@pytest.fixture
def run(project: Path) -> RunFolder:
    run = create_run(runs_root(project), JOB, name="a", about={"job": str(project / "x.job.yaml")})
    recorder = run.recorder()
    recorder.scalar("loss", 1, 0.5)
    recorder.close()
    run.set_state("stopped", message=f"in {project}")
    return run


@pytest.mark.parametrize("words", [["check"], ["check", "--json"], ["check", "--quick"], ["run"], ["estimate"]])
@pytest.mark.parametrize("name", ["x.job.yaml", os.fsdecode(b"n\xff.job.yaml")])
def test_a_job_there_is_refused_by_name(words, name, project, capfd):
    assert main([*words, str(project / name)]) == 2
    told = capfd.readouterr()
    assert "job.path-not-utf8" in told.out + told.err
    assert "pro\\udcffject" in told.out + told.err


def test_its_runs_are_listed_shown_queued_and_deleted(project, run, capfd):
    given = ["--project", str(project)]
    RunQueue(runs_root(project)).add(run)
    for words in (
        ["runs"],
        ["runs", "--json"],
        ["show", run.id],
        ["show", run.id, "--json"],
        ["log", run.id],
        ["queue", "--cancel", run.id],
        ["compare", run.id, "last"],
        ["inspect", str(project)],
        ["delete", run.id, "--purge"],
    ):
        assert main([*words, *([] if words[0] == "inspect" else given)]) == 0, words
    assert not run.path.exists()


def test_its_model_is_refused_by_name(project, run, capfd):
    (run.checkpoints_folder / "step-1").mkdir()
    for words in (["export", run.id], ["predict", run.id, "a.csv"], ["resume", run.id], ["report", run.id, "--again"]):
        assert main([*words, "--project", str(project)]) in (1, 2), words
    told = capfd.readouterr()
    assert "Traceback" not in told.err + run.log_file.read_text("utf-8", "surrogateescape")


def test_a_terminal_in_such_a_folder_can_ask_for_runs(project, run):
    done = subprocess.run(module_command("tunesmith", "runs"), cwd=project, capture_output=True, check=False)
    assert done.returncode == 0
    assert run.id.encode() in done.stdout


def test_a_run_folder_of_such_a_name_is_none_and_is_named(tmp_path, capfd):
    run = create_run(runs_root(tmp_path), JOB, name="good")
    create_run(runs_root(tmp_path), JOB, name="odd").path.rename(run.path.with_name(os.fsdecode(b"2026\xff")))
    assert main(["runs", "--project", str(tmp_path)]) == 0
    told = capfd.readouterr()
    assert run.id in told.out
    assert "2026\\udcff is passed over" in told.err


def test_the_server_opens_such_a_folder(project, run):
    with serving(project) as server:
        listed = server.ask("tunesmith/runs")
    assert [each["id"] for each in listed["runs"]] == [run.id]
