"""Every request of the protocol while it is cancelled, and while what it is about goes away: one answer, no harm."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from real_workers import ForkServer, new_run
from server_client import Server, eventually, serving
from support import write_job
from tunesmith.protocol.table import REQUESTS
from tunesmith.server.logs import log_folder

CANCELLED, INTERNAL = -32800, -32603
NET = "from torch import nn\n\n\ndef net(outputs):\n    return nn.Linear(2, outputs)\n"


STARTING = ("tunesmith/check", "tunesmith/estimate", "tunesmith/replay")
"""Requests that start a process of their own each time, which imports torch: not in every sweep."""
REFUSED = {
    "tunesmith/command": "run.not-active",
    "tunesmith/queueCancel": "run.not-queued",
    "tunesmith/queueMove": "run.not-queued",
}
"""What a run that has finished refuses."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, workers: ForkServer) -> Path:
    """A project with a finished run."""
    folder = tmp_path_factory.mktemp("made") / "project"
    folder.mkdir()
    lines = [f"{n / 40},{n % 7},{n}" for n in range(40)]
    (folder / "rows.csv").write_text("\n".join(["a,b,y", *lines]) + "\n", encoding="utf-8")
    (folder / "net.py").write_text(NET, encoding="utf-8")
    data = "train: rows.csv, columns: [a, b], target: y"
    more = "training: {epochs: 1, batch_size: 16}\n"
    workers.finish(new_run(write_job(folder, data, task="regression", model="net:net", more=more)))
    return folder


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all, whose helpers are warm."""
    root = tmp_path_factory.mktemp("workspace")
    with serving(root) as one:
        one.root = root  # type: ignore[attr-defined]
        yield one


@pytest.fixture
def project(server: Server, made: Path) -> Iterator[Path]:
    """The project once more, within the server's workspace; and what every sweep must leave behind."""
    folder: Path = server.root / "project"  # type: ignore[attr-defined]
    shutil.copytree(made, folder)
    children = len(psutil.Process(server.process.pid).children(recursive=True))
    yield folder
    if folder.is_dir():
        shutil.rmtree(folder)
    else:
        folder.unlink(missing_ok=True)
    for left in folder.parent.iterdir():
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    assert server.ask("tunesmith/runs") is not None
    eventually(lambda: len(psutil.Process(server.process.pid).children(recursive=True)) <= max(children, 6))
    assert server.complaints == []


def params_of(project: Path) -> dict[str, dict[str, Any]]:
    """Good parameters of every request, about this project."""
    run = str(next((project / ".tunesmith" / "runs").iterdir()))
    job = str(next(project.glob("*.job.yaml")))
    known = {
        "job": job,
        "run": run,
        "runs": [run, run],
        "path": str(project / "rows.csv"),
        "file": str(project / "rows.csv"),
        "data": str(project / "rows.csv"),
        "step": 3,
        "mode": "prepare",
        "format": "module",
        "command": "stop",
        "position": 1,
        "again": True,
        "measure": False,
        "log": True,
        "folder": str(project / "new"),
        "task": "regression",
        "columns": {"columns": ["a", "b"], "target": ["y"]},
    }
    found = {}
    for request in REQUESTS:
        fields = [field.name for field in dataclasses.fields(request.params)]
        taken = {name: known[name] for name in fields if name in known}
        if request.name == "tunesmith/preview":
            taken.pop("columns"), taken.pop("task")
        if request.name == "tunesmith/runs":
            taken.pop("job")
        found[request.name] = {"trusted": True} if request.name == "tunesmith/trust" else taken
    found["tunesmith/environment"] = {"diagnose": False}
    return found


def answers(server: Server, numbers: dict[int, str]) -> dict[str, Any]:
    """The answer of each request: one that a client can use."""
    found = {}
    for number, name in numbers.items():
        answer = eventually(lambda number=number: server.answers.get(number), 120)
        if "error" in answer:
            error = answer["error"]
            assert error["code"] != INTERNAL, (name, error)
            assert error["code"] == CANCELLED or error["data"]["code"], (name, error)
            assert len(error["message"]) > 10 or error["code"] == CANCELLED, (name, error)
        found[name] = answer
    return found


def begun(server: Server, params: dict[str, dict[str, Any]], *, but: tuple[str, ...] = ()) -> dict[int, str]:
    last = ("tunesmith/delete",)  # what it takes away, the others are asked about
    names = [name for name in params if name not in (*but, *last)] + [name for name in last if name not in but]
    return {server.begin(name, params[name]): name for name in names}


def test_every_request_is_answered_well_where_all_is_there(server: Server, project: Path) -> None:
    found = answers(server, begun(server, params_of(project), but=("tunesmith/delete",)))
    wrong = {name: answer["error"] for name, answer in found.items() if "error" in answer}
    assert {name: error["data"]["code"] for name, error in wrong.items()} == REFUSED
    assert len(found) == len(REQUESTS) - 1


@pytest.mark.parametrize("when", ["at once", "after the next answer", "twice, and once more when it is answered"])
def test_every_request_can_be_cancelled(when: str, server: Server, project: Path) -> None:
    numbers = {}
    for name, params in params_of(project).items():
        number = server.begin(name, params)
        numbers[number] = name
        if when != "at once":
            server.ask("tunesmith/jobSchema")
        server.tell("$/cancelRequest", {"id": number})
        if when.startswith("twice"):
            server.tell("$/cancelRequest", {"id": number})
            eventually(lambda number=number: server.answers.get(number), 120)
            server.tell("$/cancelRequest", {"id": number})
    found = answers(server, numbers)
    assert len(found) == len(REQUESTS)
    assert [number for number in numbers if number not in server.answers] == []


def without(*parts: str) -> Callable[[Path], None]:
    def take(project: Path) -> None:
        for part in parts:
            path = project / part
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    return take


def renamed(project: Path) -> None:
    project.rename(project.with_name("elsewhere"))


def file_for_folder(part: str) -> Callable[[Path], None]:
    def replace(project: Path) -> None:
        shutil.rmtree(project / part)
        (project / part).write_text("no folder", encoding="utf-8")

    return replace


def folder_for_file(part: str) -> Callable[[Path], None]:
    def replace(project: Path) -> None:
        (project / part).unlink()
        (project / part).mkdir()

    return replace


def run_of(project: Path) -> Path:
    return next((project / ".tunesmith" / "runs").iterdir())


def emptied_run(project: Path) -> None:
    run = run_of(project)
    for path in run.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def renamed_run(project: Path) -> None:
    run = run_of(project)
    run.rename(run.with_name("other"))


def file_for_run(project: Path) -> None:
    run = run_of(project)
    shutil.rmtree(run)
    run.write_text("no run", encoding="utf-8")


def without_checkpoints(project: Path) -> None:
    shutil.rmtree(run_of(project) / "checkpoints")


def rewritten(project: Path) -> None:
    (project / "rows.csv").write_text("c,d\n1,2\n", encoding="utf-8")
    (project / "net.py").write_text("this is no Python", encoding="utf-8")


VANISHING: dict[str, Callable[[Path], None]] = {
    "the project": shutil.rmtree,
    "the project's name": renamed,
    "the project, for a file": lambda project: (shutil.rmtree(project), project.write_text("no folder"))[0],
    "the runs": without(".tunesmith"),
    "the runs, for a file": file_for_folder(".tunesmith/runs"),
    "the project's own folder, for a file": file_for_folder(".tunesmith"),
    "the run's files": emptied_run,
    "the run's name": renamed_run,
    "the run, for a file": file_for_run,
    "the checkpoints": without_checkpoints,
    "the data": without("rows.csv"),
    "the data, for a folder": folder_for_file("rows.csv"),
    "the data and the model, for others": rewritten,
    "the model": without("net.py"),
    "the job": lambda project: next(project.glob("*.job.yaml")).unlink(),
}


@pytest.mark.parametrize("what", VANISHING)
def test_every_request_is_answered_when_it_is_gone(what: str, server: Server, project: Path) -> None:
    params = params_of(project)
    VANISHING[what](project)
    but = () if what == "the project" else STARTING
    assert len(answers(server, begun(server, params, but=but))) == len(REQUESTS) - len(but)


@pytest.mark.parametrize("what", VANISHING)
def test_every_request_is_answered_when_it_goes_meanwhile(what: str, server: Server, project: Path) -> None:
    but = ("tunesmith/delete", *(() if what == "the project" else STARTING))
    numbers = begun(server, params_of(project), but=but)
    with suppress(OSError):  # something was made in it at this very moment: then half of it is gone
        VANISHING[what](project)
    assert len(answers(server, numbers)) == len(REQUESTS) - len(but)


def test_none_of_this_is_a_mistake_of_the_server(server: Server) -> None:
    log = log_folder() / f"server-{server.process.pid}.log"
    assert "Traceback" not in log.read_text(encoding="utf-8")
