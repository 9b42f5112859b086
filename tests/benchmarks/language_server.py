"""Help in the editor against jedi-language-server and python-lsp-server: start, memory, completion, findings.

    python language_server.py

Every peer is started as an editor starts it, over standard input and output, in an interpreter that has torch. Started
five times, the time until `initialize` is answered is the median; memory is what the server and its helper processes
hold (RSS) a second after that, and five seconds after `torch.nn.` was completed: what is idle by then has ended.

A dotted path is completed where it is written: in a Python file (`shop.heads.build_`, `torch.nn.`) for the peers, in a
job file (`shop.heads:build_`, `torch.nn:`) for Tunesmith. The text changes before every request, so nobody answers
from the last reply; the first request counts for itself. The names offered must be the same. Only Tunesmith knows job
files: its keys are completed in one of 20 lines and in one of 300, and the findings of the latter are timed from the
edit to the notification.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import queue
import statistics
import subprocess
import sys
import sysconfig
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
from common import Comparison, Figures, Target, main, parser

SCRIPTS = Path(sysconfig.get_path("scripts"))
STARTS = 5
REST_S = 5
WARM_UP = 5
HEADS = '''\
from torch import nn


def build_head(width: int, classes: int = 2):
    """A classifier head."""
    return nn.Linear(width, classes)


def build_deep_head(width: int): ...


class Pooler: ...
'''
JOB = """\
task: text-classification
model: all-MiniLM-L6-v2
data:
  train: data.csv
  text: message
  label: category
  validation: 10%  # stratified
method: {lora: {rank: 8, alpha: 16}}
training:
  epochs: 3
  batch_size: 32
  optimizer: {adamw: {weight_decay: 0.01}}
  learning_rate: 2e-4
  schedule: {linear: {warmup: 10%}}
  loss: auto
evaluation: {every: 200 steps, metric: f1_macro, patience: 3}
checkpoints: {every: 200 steps, keep: 3}
seed: 7
"""
LONG_JOB = JOB.replace(
    "model: all-MiniLM-L6-v2\n",
    "model:\n  python:\n    name: shop.heads:build_head\n    arguments:\n"
    + "".join(f"      width_{number}: {number}  # of layer {number}\n" for number in range(280)),
)


class Client:
    """An editor that asks one thing after the other."""

    def __init__(self, command: list[str], folder: Path) -> None:
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=folder
        )
        assert self.process.stdin is not None and self.process.stdout is not None
        self._to, self._from = self.process.stdin, self.process.stdout
        self._messages: queue.Queue[dict[str, Any]] = queue.Queue()
        self._count = itertools.count(1)
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            length = 0
            while (line := self._from.readline()) not in (b"\r\n", b""):
                if line.lower().startswith(b"content-length"):
                    length = int(line.partition(b":")[2])
            if not length:
                self._messages.put({"ended": True})
                return
            message = json.loads(self._from.read(length))
            message["at"] = time.perf_counter()
            if "method" in message and "id" in message:
                answer = [{}] if message["method"] == "workspace/configuration" else None
                self.send({"id": message["id"], "result": answer})
            else:
                self._messages.put(message)

    def send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._to.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._to.flush()

    def _next(self) -> dict[str, Any]:
        message = self._messages.get(timeout=300)
        if "ended" in message:
            sys.exit(f"{self.process.args} ended with {self.process.wait()}")
        return message

    def tell(self, method: str, params: Any) -> None:
        self.send({"method": method, "params": params})

    def ask(self, method: str, params: Any) -> tuple[Any, float]:
        """The result, and the milliseconds it took."""
        number, began = next(self._count), time.perf_counter()
        self.send({"id": number, "method": method, "params": params})
        while True:
            message = self._next()
            if message.get("id") == number:
                assert "error" not in message, message
                return message["result"], (message["at"] - began) * 1e3

    def heard(self, method: str, uri: str, version: int) -> tuple[Any, float]:
        """The next notification about this version of a file, and when it came."""
        while True:
            message = self._next()
            params = message.get("params") or {}
            if message.get("method") == method and params.get("uri") == uri and params.get("version") == version:
                return params, message["at"]

    def memory_mb(self) -> float:
        process = psutil.Process(self.process.pid)
        everyone = [process, *process.children(recursive=True)]
        return round(sum(each.memory_info().rss for each in everyone) / 2**20, 1)


class File:
    """A file that is open in the editor; each edit is a new version."""

    def __init__(self, client: Client, path: Path, text: str) -> None:
        path.write_text(text, encoding="utf-8")
        self.client, self.uri, self.text, self.version = client, path.as_uri(), text, 1
        language = "python" if path.suffix == ".py" else "yaml"
        document = {"uri": self.uri, "languageId": language, "version": 1, "text": text}
        client.tell("textDocument/didOpen", {"textDocument": document})

    def edit(self, text: str) -> None:
        self.version += 1
        document = {"uri": self.uri, "version": self.version}
        self.client.tell("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": text}]})

    def complete(self, behind: str) -> tuple[set[str], float]:
        """The names offered behind the first `behind`, and the milliseconds."""
        before = self.text[: self.text.index(behind) + len(behind)]
        at = {"line": before.count("\n"), "character": len(before) - before.rfind("\n") - 1}
        found, took = self.client.ask("textDocument/completion", {"textDocument": {"uri": self.uri}, "position": at})
        items = found["items"] if isinstance(found, dict) else found or []
        return {item["label"].partition("(")[0] for item in items}, took


@contextmanager
def session(command: list[str], folder: Path) -> Iterator[tuple[Client, float]]:
    """A server that has answered `initialize`, with the seconds this took since the process was begun."""
    began = time.perf_counter()
    client = Client(command, folder)
    params = {
        "processId": os.getpid(),
        "rootUri": folder.as_uri(),
        "workspaceFolders": [{"uri": folder.as_uri(), "name": "w"}],
        "capabilities": {"textDocument": {"synchronization": {}, "completion": {}, "publishDiagnostics": {}}},
        "initializationOptions": OPTIONS,
    }
    client.ask("initialize", params)
    elapsed = time.perf_counter() - began
    client.tell("initialized", {})
    try:
        yield client, elapsed
        client.ask("shutdown", None)
        client.tell("exit", None)
        with suppress(subprocess.TimeoutExpired):  # python-lsp-server and jedi-language-server may take their time
            client.process.wait(10)
    finally:
        client.process.kill()


OPTIONS = {"workspace": {"environmentPath": sys.executable}}


def starts(command: list[str], folder: Path) -> Figures:
    seconds, memory = [], []
    for _ in range(STARTS):
        with session(command, folder) as (client, elapsed):
            seconds.append(elapsed)
            time.sleep(1)
            memory.append(client.memory_mb())
    return {"start_s": round(statistics.median(seconds), 3), "idle_mb": statistics.median(memory)}


def typed(file: File, name: str, behind: str, rounds: int) -> tuple[Figures, set[str]]:
    """Completion behind `behind`, an edit before each request: the first one, and the distribution of the others."""
    names: set[str] = set()
    taken: list[float] = []
    first = 0.0
    for number in range(WARM_UP + rounds):
        file.edit(f"{file.text}# {number}\n")
        names, took = file.complete(behind)
        first = first or took
        if number >= WARM_UP:
            taken.append(took)
    return {f"{name}_first_ms": round(first, 1), **spread(name, taken)}, names


def spread(name: str, taken: list[float]) -> Figures:
    ordered = sorted(taken)
    last = ordered[min(int(0.95 * len(ordered)), len(ordered) - 1)]
    return {f"{name}_p50_ms": round(statistics.median(ordered), 2), f"{name}_p95_ms": round(last, 2)}


def paths(project: File, torch: File, marks: tuple[str, str], options: argparse.Namespace) -> Figures:
    mine, names = typed(project, "project", marks[0], options.requests)
    figures = {**mine, "project_names": " ".join(sorted(name for name in names if name.startswith("build_")))}
    theirs, names = typed(torch, "torch", marks[1], options.requests)
    public = [name for name in names if not name.startswith("_") and name[:1].isupper()]
    at_once = torch.client.memory_mb()
    time.sleep(REST_S)
    return {
        **figures,
        **theirs,
        "torch_names": len(public),
        "torch_at_once_mb": at_once,
        "torch_mb": torch.client.memory_mb(),
    }


def python_server(options: argparse.Namespace, script: str) -> Figures:
    folder, command = options.data, [str(SCRIPTS / script)]
    figures = starts(command, folder)
    with session(command, folder) as (client, _):
        project = File(client, folder / "project.py", "import shop.heads\nhead = shop.heads.build_\n")
        torch = File(client, folder / "small.py", "import torch\nmodel = torch.nn.\n")
        return {**figures, **paths(project, torch, ("shop.heads.build_", "torch.nn."), options)}


def ours(options: argparse.Namespace) -> Figures:
    folder, command = options.data, [str(SCRIPTS / "tunesmith"), "serve"]
    figures = starts(command, folder)
    with session(command, folder) as (client, _):
        project = File(client, folder / "project.job.yaml", "task: regression\nmodel: shop.heads:build_\n")
        torch = File(client, folder / "torch.job.yaml", "task: regression\ntraining:\n  loss: torch.nn:\n")
        figures |= paths(project, torch, ("shop.heads:build_", "torch.nn:"), options)
    with session(command, folder) as (client, _):
        for name, text in (("keys", JOB), ("keys_300", LONG_JOB)):
            file = File(client, folder / f"{name}.job.yaml", text)
            found, names = typed(file, name, "training:\n  ", options.requests)
            assert "optimizer" not in names and "precision" in names, names
            figures |= found
        figures |= findings(file, options.requests)
    return figures


def findings(file: File, rounds: int) -> Figures:
    """From an edit of the 300-line job to the notification that tells of it."""
    taken = []
    for number in range(WARM_UP + rounds):
        wrong = number % 2 == 0
        began = time.perf_counter()
        file.edit(file.text.replace("epochs: 3", "epohcs: 3") if wrong else file.text)
        found, at = file.client.heard("textDocument/publishDiagnostics", file.uri, file.version)
        codes = {each["code"] for each in found["diagnostics"]}
        assert ("job.unknown-key" in codes) == wrong, codes
        if number >= WARM_UP:
            taken.append((at - began) * 1e3)
    return {"job_lines": file.text.count("\n"), **spread("findings", taken)}


def prepare(folder: Path, options: argparse.Namespace) -> None:
    """A project with a module of its own and a little data."""
    (folder / "shop").mkdir()
    (folder / "shop" / "__init__.py").touch()
    (folder / "shop" / "heads.py").write_text(HEADS, encoding="utf-8")
    rows = "".join(f"message {number},{'ab'[number % 2]}\n" for number in range(200))
    (folder / "data.csv").write_text("message,category\n" + rows, encoding="utf-8")


JEDI, PYLSP = "jedi-language-server", "python-lsp-server"
PEERS = {
    "ours": ours,
    JEDI: lambda options: python_server(options, "jedi-language-server"),
    PYLSP: lambda options: python_server(options, "pylsp"),
}
COMPARISON = Comparison(
    title="Help in the editor",
    peers=tuple(PEERS),
    fields=(
        *("start_s", "idle_mb", "project_first_ms", "project_p50_ms", "project_p95_ms"),
        *("torch_first_ms", "torch_p50_ms", "torch_p95_ms", "torch_mb", "keys_first_ms", "keys_p50_ms", "keys_p95_ms"),
        *("keys_300_p50_ms", "keys_300_p95_ms", "findings_p50_ms", "findings_p95_ms"),
    ),
    equal=("project_names", "torch_names"),
    targets=(
        Target(field="start_s", against=JEDI, at_most=1.0),
        *(Target(field=f"{path}_{part}_ms", against=JEDI, at_most=1.0)
          for path in ("project", "torch") for part in ("p50", "p95")),
        Target(field="idle_mb", against=JEDI, at_most=1.5),
        Target(field="torch_mb", against=JEDI, at_most=1.1),
        Target(field="keys_p95_ms", at_most=30),
        Target(field="keys_300_p95_ms", at_most=30),
        Target(field="findings_p95_ms", at_most=100),
    ),
    warm_up=1,
)  # fmt: skip


if __name__ == "__main__":
    made = parser("help in the editor", PEERS)
    made.add_argument("--requests", type=int, default=60, help="completions of each kind that are timed")
    main(__file__, made.parse_args(), PEERS, COMPARISON, prepare, passed=("requests",))
